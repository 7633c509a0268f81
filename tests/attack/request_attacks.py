"""What is sent as a request: routes and their neighbours, paths, methods, hosts, and bytes that two servers read differently."""

# ruff: noqa: E501 -- lists of attacks are read as lists
from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from urllib.parse import quote

from attacker import Attacker

METHODS = [
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "CONNECT",
    "PROPFIND",
    "COPY",
    "get",
    "G\tT",
    "",
]
DOTS = ["..", "%2e%2e", "%252e%252e", "..%00", "%c0%ae%c0%ae", "%e0%80%ae%e0%80%ae", ".%2e", "..;", "%u002e%u002e",
        "....//", "%ef%bc%8e%ef%bc%8e", "%f8%80%80%80%ae%f8%80%80%80%ae", "%ff%ff", "..%0d%0a", "..%09"]  # fmt: skip
SLASHES = ["/", "%2f", "%252f", "\\", "%5c", "%255c", "//", "%c0%af", "%e0%80%af", "%ef%bc%8f", "/./"]
HEADERS = ["Range: bytes=0-99", "Range: bytes=-1", "Range: bytes=0-0,5-9,-1", "Range: x", "If-Range: x", "If-None-Match: *",
           'If-None-Match: "x"', "If-Modified-Since: x", "Accept: text/x-python", "Origin: null", "Expect: 100-continue",
           "Upgrade: h2c", "X-HTTP-Method-Override: DELETE", "Accept-Encoding: gzip;q=0", "Cookie: session=x",
           "Authorization: Basic eDp4", "Content-Type: application/json", "TE: trailers", "Cache-Control: no-cache"]  # fmt: skip


def routes(attacker: Attacker) -> None:
    """Every route, every neighbour of one, in every method and with every header that could change the answer."""
    app = attacker.app
    paths = [
        "/", "/stagedoor.js", "/stagedoor.js.map", "/stagedoor.js.gz", "/chunks.json", "/assets/", "/assets", f"/apps/{app}",
        "/apps", "/apps/", f"/apps/{app}/", "/api", f"/apps/{app}/recording", f"/apps/{app}/live", "/healthz", "/metrics",
        "/api/kernels", "/api/contents", f"/apps/{app}.py", f"/apps/{app}.ipynb", f"/apps/{app}/{app}.py", f"/{app}.py",
        "/static/", "/files/", f"/files/{app}.py", f"/api/contents/{app}.py", "/api/kernelspecs", "/api/sessions", "/tree",
        "/lab", "/nbextensions/", "/lab/extensions/", "/apps/book/recording", "/apps/book", "/apps/book.ipynb",
        "/apps/book/attachment:x", "/attachment:x", "/apps/broken", "/apps/broken/recording", "/apps/broken/live",
        "/apps/failing", "/apps/failing/recording", "/apps/outside", "/apps/outside/recording", "/.git/config",
        f"/apps/{app}/source", f"/apps/{app}/recording?generation=x", f"/apps/{app}?token=%22%3E", "/favicon.ico",
        f"/apps/{app}?token={'x' * 20_000}", "/openapi.json", "/docs", "/debug", "/server-status", "/stagedoor.toml",
        "/__pycache__/", "/apps/_helper", "/apps/loop", "/apps/loop/recording", "/apps/nowhere", "/apps/passwd/recording",
        "/apps/passwd", "/apps/linked", "/apps/linked/recording", "/apps/linked_folder", "*", "?", "#", "/%", "/%zz", "/\x80",
        f"/apps/{app}%00", f"/apps/{app}%2frecording", f"/apps//{app}", f"//apps/{app}", f"/APPS/{app}", f"/apps/{app.upper()}",
    ]  # fmt: skip
    attacker.at_once(attacker.get, paths)
    addresses = (f"/apps/{app}/recording", f"/apps/{app}", "/metrics", "/stagedoor.js", "/healthz", f"/apps/{app}/live")
    attacker.at_once(
        lambda pair: attacker.get(pair[1], method=pair[0]), [(method, path) for method in METHODS for path in addresses]
    )
    encodings = ["gzip", "br", "identity", "deflate", "*", ""]
    for path in addresses:
        attacker.at_once(
            lambda header, path=path: attacker.get(path, header),
            [*HEADERS, *(f"Accept-Encoding: {name}" for name in encodings)],
        )


def traversal(attacker: Attacker, names: Sequence[str], roots: Sequence[str], *, every: bool = False) -> None:
    """Paths to files that are near, in every encoding of dots and slashes.

    Args:
        names: of files that are there.
        roots: addresses below which something is served.
        every: each path to each file, not just to one of them in turn.
    """
    prefixes = [*(f"/{root}/" for root in roots), "/assets/", "/apps/", f"/apps/{attacker.app}/", "/", "/stagedoor.js/"]
    ways = [
        prefix + (dot + slash) * depth for prefix in prefixes for dot in DOTS for slash in SLASHES for depth in (1, 3)
    ]
    turns = cycle(names)
    paths = [way + name for way in ways for name in names] if every else [way + next(turns) for way in ways]
    for prefix in prefixes:
        for name in names:
            direct = (
                name,
                quote(name, safe=""),
                f"/{name}",
                f"//{name}",
                f"\\{name}",
                f"file://{name}",
                f"%00{name}",
                f"{name}%00.js",
            )
            paths += [prefix + way for way in direct]

    def walk(some: list[str]) -> None:
        for path in some:
            answer = attacker.get(path, kind="traversal")
            assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), f"{path} is answered: {answer[:200]!r}"

    attacker.at_once(walk, [paths[start::8] for start in range(8)])


def extension(attacker: Attacker, address: str, not_served: Sequence[str]) -> None:
    """The browser code of a widget's package: nothing but that, and only under its own hash.

    Args:
        address: of its entry, as the recording has it.
        not_served: names beside the entry and above it that are there in the package, and nobody's business.
    """
    root, _, entry = address.rpartition("/")
    assert attacker.get(f"/{root}/{entry}", kind="assets").startswith(b"HTTP/1.1 200")
    digest = root.removeprefix("assets/")
    turned = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    wrong = [f"/{root}/{name}" for name in not_served] + [
        *(f"/assets/{other}/{entry}" for other in (turned, digest.upper(), digest[:-1], digest + "0", digest[:8], "..", "", "*")),
        f"/{root}", f"/{root}/", f"/{root}/.", f"/{root}/{entry}/", f"/{root}/{entry}.map", f"/{root}/{entry}~", f"/{root}/{entry}.py",
        f"/{root}/{entry}%00", f"/{root}/{entry}%20", f"/{root}//{entry}", f"/{root}/./{entry}", f"/{root}/{entry.upper()}",
        f"/{root}/x/../{entry}", f"/{root.upper()}/{entry}", f"/{entry}", f"/assets/{entry}", f"/{root}/{root}/{entry}",
    ]  # fmt: skip

    def is_not_there(path: str) -> None:
        answer = attacker.get(path, kind="assets")
        assert answer.startswith(b"HTTP/1.1 404"), f"{path} is answered: {answer[:200]!r}"

    attacker.at_once(is_not_there, wrong)
    attacker.at_once(lambda method: attacker.get(f"/{root}/{entry}", method=method, kind="assets"), METHODS)
    attacker.at_once(lambda header: attacker.get(f"/{root}/{entry}", header, kind="assets"), HEADERS)


def smuggling(attacker: Attacker) -> None:
    """Requests that two servers could read differently: what is hidden in their bodies is never taken for a request."""
    host = f"Host: {attacker.address.netloc}\r\n".encode()
    inner = b"GET /metrics HTTP/1.1\r\n" + host + b"\r\n"
    path = f"/apps/{attacker.app}/recording".encode()
    chunk = b"%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n"
    hiding = [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner,
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + inner,
        b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(inner) + inner,
        b"Content-Length: 0, %d\r\n\r\n" % len(inner) + inner,
        b"Content-Length: 0\r\n\r\n" + inner, b"Content-Length: 5\r\n\r\n12345" + inner,
        *(name + b"\r\n\r\n0\r\n\r\n" + inner for name in (
            b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"Transfer-Encoding : chunked",
            b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: \x0bchunked", b" Transfer-Encoding: chunked",
            b"Transfer-Encoding: identity", b"X: y\r\nTransfer-Encoding\r\n: chunked", b"Transfer_Encoding: chunked\r\nContent-Length: 0",
            b"transfer-encoding: CHUNKED", b"Transfer-Encoding: 'chunked'", b"Transfer-Encoding: chunked\0")),
        *(b"Content-Length: %s\r\n\r\n" % size + inner for size in (b"+5", b"-1", b"0x5", b"5 5", b"5,5", b"5_0", b"", b"9" * 40, b"\xb2")),
        b"Content-Length: 5\n\n" + inner, b"Content-Length: 5\r\r" + inner, b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\n" + inner,
        b"Transfer-Encoding: chunked\r\n\r\n" + chunk, b"Transfer-Encoding: chunked\r\n\r\n" + chunk + inner,
        b"Transfer-Encoding: chunked\r\n\r\n0;" + b"x" * 200 + b"\r\n\r\n" + inner, b"Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n" + inner,
        b"Transfer-Encoding: chunked\r\n\r\n0\n\n" + inner, b"Transfer-Encoding: chunked\r\n\r\n-0\r\n\r\n" + inner,
        b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + inner, b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff0\r\n" + inner,
        b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n" + inner, b"X: a\rContent-Length: 5\r\n\r\n" + inner,
    ]  # fmt: skip

    def hide(body: bytes) -> None:
        for method in (b"GET ", b"POST "):
            answer = attacker.raw("smuggling", method + path + b" HTTP/1.1\r\n" + host + body, limit=0.5)
            assert b"stagedoor_sessions" not in answer, f"the metrics come out with {body!r}"

    attacker.at_once(hide, hiding)
    odd = [
        path + b"\r\n\r\n", b"GET " + path + b"\r\n\r\n", b"GET http://127.0.0.1:1" + path + b" HTTP/1.1\r\n" + host + b"\r\n",
        b"\r\n" * 200, b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.2\r\n" + host + b"\r\n", b"GET / http/1.1\r\n" + host + b"\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 64, b"GET / HTTP/1.1\r\nX: a\r\n b\r\n" + host + b"\r\n",
        b"GET / HTTP/1.1\r\nX\r\n" + host + b"\r\n", b"GET / HTTP/1.1\r\n: x\r\n" + host + b"\r\n", b"GET / HTTP/1.1\r\nX: \0\r\n" + host + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n" + host + b"\r\n", b"GET / HTTP/1.1\r\n" + host + b"X: y\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\n" + host + b"X: " + b"y" * 200_000 + b"\r\n\r\n", b"GET / HTTP/1.1\r\n" + host + b"X" * 100_000 + b": y\r\n\r\n",
        b"GET  /  HTTP/1.1\r\n" + host + b"\r\n", b"GET / HTTP/1.1 \r\n" + host + b"\r\n", b"GET\t/ HTTP/1.1\r\n" + host + b"\r\n", b"G" * 100_000,
    ]  # fmt: skip
    attacker.at_once(lambda start: attacker.raw("smuggling", start, limit=0.5), odd)


def hosts(attacker: Attacker) -> None:
    """Other names for the gateway, none, two; and other places for its visitors."""
    names = ["evil.example", "", "127.0.0.1:1", "[::1]", "[::1", "]", "a" * 5000, "a" * 60_000, "x\0y", "localhost@evil.example",
             "é", "a b", "a/b", "a?b", "a#b", "a\\b", "%", "%00", "a:b", "a:99999999", ":80", "..", "evil.example/../x", "<script>",
             "127.0.0.1.evil.example", "[fe80::1%25lo]", "a, b", "*"]  # fmt: skip
    paths = (f"/apps/{attacker.app}", f"/apps/{attacker.app}/recording", "/nothing")

    def name(host: str) -> None:
        for path in paths:
            for origin in (f"Origin: http://{host}\r\n", ""):
                request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{origin}\r\n"
                answer = attacker.raw("hosts", request.encode("utf-8"))
                assert b"\r\nLocation:" not in answer

    attacker.at_once(name, names)
    own = f"Host: {attacker.address.netloc}\r\n"
    for headers in [
        "",
        own * 2,
        own + "Host: evil.example\r\n",
        "Host: evil.example\r\n" + own,
        own + " evil.example\r\n",
        "Host : x\r\n",
    ]:
        answer = attacker.raw("hosts", f"GET {paths[1]} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400") or headers.endswith(" evil.example\r\n"), (headers, answer[:100])
    for target in (
        f"http://evil.example{paths[1]}",
        f"//evil.example{paths[1]}",
        f"http:{paths[1]}",
        "evil.example:443",
    ):
        answer = attacker.get(target, kind="hosts")
        assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), (target, answer[:100])
    for header in ["X-Forwarded-For: 1.2.3.4", "Forwarded: for=x;host=evil", "X-Forwarded-Host: evil.example", "X-Real-IP: ::1",
                   "X-Original-URL: /metrics", "X-Rewrite-URL: /metrics", "X-Forwarded-Prefix: /evil", "X-Forwarded-Proto: javascript",
                   "X-Forwarded-For: " + "1.1.1.1," * 5000, "Forwarded: " + 'for="[::1]";' * 2000, "X-Forwarded-For: \x80\xff"]:  # fmt: skip
        answer = attacker.get(paths[0], header, kind="hosts")
        assert b"evil" not in answer
