"""Sequences, drawn by jupyterlab-fasta, an extension of JupyterLab; one is added by display_id."""

import ipywidgets as widgets
from IPython.display import display

SEQUENCES = {
    "ann": "MAHARVLSGLAARLRGRLAPVAFQ--NLGKTLRA",
    "bob": "MAHARVLSG-AARLRGRLAPVSFQARNLGKTLRA",
    "cyd": "MVHARVLSGLSARLRGRLAPVAFQARNLG-TLRA",
}


def bundle(*names):
    text = "\n".join(f">{name}\n{SEQUENCES[name]}" for name in names)
    return {"application/vnd.fasta.fasta": text, "text/plain": f"{len(names)} sequences"}


shown = display(bundle("ann", "bob"), raw=True, display_id=True)
button = widgets.Button(description="Add")
button.on_click(lambda _: shown.update(bundle(*SEQUENCES), raw=True))
display(button)
