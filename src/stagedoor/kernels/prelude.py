"""What a Python kernel is told before it runs an app."""

from __future__ import annotations

import inspect

from .. import audience
from ..apps.app import App
from . import displays_in_kernel, in_kernel

PYTHON = "python"
"""The language of kernels that understand a prelude, in lower case."""

_PREPARE = inspect.getsource(in_kernel)
_ADAPT = inspect.getsource(displays_in_kernel) + "adapt()"
_AUDIENCE = inspect.getsource(audience)


def prelude(app: App, *, elsewhere: bool = False) -> str:
    """The code that makes a kernel the app's; it leaves no names behind but ``__file__``, and may be run again.

    Args:
        elsewhere: the kernel is another machine's, where the app's folder is not: it stays in the folder that it is in.
    """
    folder = file = ""
    if app.path is not None and not elsewhere:
        folder, file = str(app.folder), str(app.path) if app.path.suffix == ".py" else ""
    call = f"prepare({app.version!r}, {folder!r}, {file!r}, {_AUDIENCE!r})"
    return "\n".join(f"exec({code!r}, {{'__name__': 'stagedoor_prelude'}})" for code in (_PREPARE + call, _ADAPT))
