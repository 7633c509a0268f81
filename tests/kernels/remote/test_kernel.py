"""A kernel of a Jupyter server does what a local one does."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import nbformat
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from entries import entry
from jupyter_servers import JupyterServer, Proxy, jupyter_server, proxy, until

from stagedoor.apps.app import App
from stagedoor.apps.discover import discover
from stagedoor.jupyter.message import Message
from stagedoor.kernels.asking import run_silently
from stagedoor.kernels.perform import perform
from stagedoor.kernels.pool import KernelPool
from stagedoor.kernels.remote.access import Access
from stagedoor.kernels.remote.apps import JupyterKernels
from stagedoor.kernels.remote.ledger import Ledger
from stagedoor.kernels.remote.problems import ServerProblem
from stagedoor.kernels.remote.server import JupyterServer as Client
from stagedoor.kernels.remote.source import RemoteKernels


async def test_an_app_runs_there_and_shows_what_it_shows(source: RemoteKernels, jupyter: JupyterServer) -> None:
    (jupyter.folder / "hidden.py").write_text("import ipywidgets\nslider = ipywidgets.IntSlider(3)\ndisplay(slider)\n")
    app = entry(
        "import os\nfrom IPython.display import display\nimport builtins; builtins.display = display\n"
        "import hidden\nprint(os.getcwd())"
    )
    heard: list[Message] = []
    kernels = [await source.open(app), await source.open(app)]
    for kernel in kernels:
        assert (await perform(kernel, app, heard.append)).ok
    printed = [message.content["text"] for message in heard if message.msg_type == "stream"]
    assert printed == [f"{jupyter.folder}\n"] * 2, "its working folder is the server's own"
    opened = [message.content["comm_id"] for message in heard if message.msg_type == "comm_open"]
    assert opened
    assert opened[: len(opened) // 2] == opened[len(opened) // 2 :], "comm ids are the same in each run"
    assert kernels[0].language == "python"


async def test_a_run_that_takes_too_long_is_interrupted_there_and_the_kernel_goes_on(source: RemoteKernels) -> None:
    app = entry("import time\ntime.sleep(60)")
    kernel = await source.open(app)
    outcome = await perform(kernel, app, lambda message: None, limit=1)
    assert outcome.kind == "timeout"
    assert (await run_silently(kernel, "", value="6 * 7")).content["user_expressions"]["value"]["data"] == {
        "text/plain": "42"
    }


async def test_kernels_behind_a_server_that_has_another_start_them_are_spoken_to_in_the_old_way(
    jupyter: JupyterServer, tmp_path: Path
) -> None:
    options = [f"--gateway-url={jupyter.url}", f"--GatewayClient.auth_token={jupyter.token}"]
    with jupyter_server(tmp_path, *options, token="of-the-middle", base="/user/x/") as middle, proxy(middle) as between:
        client = Client(Access(f"{between.url}/user/x", middle.token))
        source = RemoteKernels(client, Ledger(middle.url, tmp_path / "ledgers"))
        app = entry("import ipywidgets; s = ipywidgets.IntSlider(3); s.observe(lambda c: print(c['new']), 'value')")
        kernel = await source.open(app)
        assert kernel.line._socket is not None
        assert kernel.line._socket.subprotocol is None
        heard: list[Message] = []
        assert (await perform(kernel, app, heard.append)).ok
        comm_id = next(m.content["comm_id"] for m in heard if "IntSliderModel" in str(bytes(m.content_json)))
        between.cut()
        for value in (5, 6):
            data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
            await kernel.send(Message("shell", "comm_msg", {"comm_id": comm_id, "data": data}, msg_id=f"p-{value}"))
        between.mend()
        text = ""
        async with asyncio.timeout(30):
            while text != "5\n6\n":
                message = await kernel.receive()
                text += message.content["text"] if message.msg_type == "stream" else ""
        assert len(jupyter.kernels()) == 1
        await source.close()
        assert jupyter.kernels() == []


async def test_a_server_with_a_certificate_of_an_own_authority_is_reached_where_that_is_known(tmp_path: Path) -> None:
    key, certificate = self_signed(tmp_path)
    options = [f"--ServerApp.keyfile={key}", f"--ServerApp.certfile={certificate}"]
    with jupyter_server(tmp_path, *options, ca_file=certificate) as server:
        source = RemoteKernels(
            Client(Access(server.url, server.token, ca_file=str(certificate))), Ledger(server.url, tmp_path / "a")
        )
        app = entry("print('here')")
        assert (await perform(await source.open(app), app, lambda message: None)).ok
        await source.close()
        stranger = RemoteKernels(Client(Access(server.url, server.token)), Ledger(server.url, tmp_path / "b"))
        with pytest.raises(ServerProblem, match="certificate"):
            await stranger.open(app)
        await stranger.close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A key, and a certificate for 127.0.0.1 that it has signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file


async def test_what_a_killed_stagedoor_has_left_is_ended_by_the_next_start(
    jupyter: JupyterServer, tmp_path: Path
) -> None:
    theirs = jupyter.ask("POST", "/api/kernels", json={"name": "python3"}).json()["id"]
    code = f"""
import asyncio, os, signal
from pathlib import Path
from stagedoor.apps.discover import discover
from stagedoor.kernels.remote.access import Access
from stagedoor.kernels.remote.ledger import Ledger
from stagedoor.kernels.remote.server import JupyterServer
from stagedoor.kernels.remote.source import RemoteKernels
async def main():
    server = JupyterServer(Access({jupyter.url!r}, {jupyter.token!r}))
    source = RemoteKernels(server, Ledger({jupyter.url!r}, Path({str(tmp_path)!r})))
    await source.open(discover([], {{"app": "1"}})[0])
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await killed.wait() == -signal.SIGKILL
    assert len(jupyter.kernels()) == 2
    living = Ledger(jupyter.url, tmp_path)
    living.add(theirs)
    source = RemoteKernels(Client(Access(jupyter.url, jupyter.token)), Ledger(jupyter.url, tmp_path))
    await until(lambda: [kernel["id"] for kernel in jupyter.kernels()] == [theirs])
    await source.close()
    assert [kernel["id"] for kernel in jupyter.kernels()] == [theirs], "what is another's is let alone"
    jupyter.end_kernels()


async def test_a_kernel_that_nobody_waits_for_any_more_is_not_left(source: RemoteKernels) -> None:
    starting = asyncio.create_task(source.open(entry("1")))
    await until(lambda: source._posts)
    starting.cancel()
    await asyncio.wait([starting])
    assert starting.cancelled()  # and the source's end sees that no kernel is left


async def test_idle_kernels_are_kept_ready_and_replaced(source: RemoteKernels, jupyter: JupyterServer) -> None:
    pool = KernelPool(source, size=1, pause=0)
    app = entry("1")
    pool.keep_ready(app)
    await until(lambda: pool.ready)
    (idle,) = jupyter.kernels()
    assert (await pool.open(app)).id == idle["id"]
    await until(lambda: pool.ready)
    await pool.close()


async def test_a_notebook_of_the_server_is_an_app_in_its_own_folder(jupyter: JupyterServer, between: Proxy) -> None:
    (jupyter.folder / "books").mkdir()
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; print(os.getcwd())")])
    notebook.metadata.title = "A book"
    nbformat.write(notebook, jupyter.folder / "books" / "my book.ipynb")
    kernels = JupyterKernels(Access(between.url, jupyter.token), pool=0)
    (app,) = discover([], {"book": "books/my book.ipynb"})
    assert isinstance(app, App)
    app = await kernels.read(app)
    assert (app.name, app.title, len(app.cells)) == ("book", "A book", 1)
    heard: list[Message] = []
    kernel = await kernels.rehearse(app)
    assert (await perform(kernel, app, heard.append)).ok
    assert [m.content["text"] for m in heard if m.msg_type == "stream"] == [f"{jupyter.folder}/books\n"]
    (gone,) = discover([], {"book": "books/gone.ipynb"})
    assert isinstance(gone, App)
    with pytest.raises(ServerProblem, match="no notebook 'books/gone"):
        await kernels.read(gone)
    await kernel.close()
    await kernels.close()
