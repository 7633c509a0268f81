"""What the documentation says of making tokens, run with the frameworks themselves: the door takes every one."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import time
from base64 import urlsafe_b64decode
from pathlib import Path
from types import ModuleType

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from stagedoor.door.tokens import Key, Tokens, Visitor

PAGE = (Path(__file__).parents[2] / "docs" / "tokens.md").read_text()
SECRET = "0123456789abcdef0123456789abcdef"


def snippet(language: str, about: str) -> str:
    """The block of the documentation in this language that has these words in its first line."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if about in block.splitlines()[0]]
    return found


def visitor_of(token: str, key: bytes = SECRET.encode()) -> Visitor:
    """Whom the door lets in with this token."""
    return Tokens([Key(key, "here")]).check(token, "grades", "https://course.example").visitor


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An importable package for a snippet to lie in."""
    folder = tmp_path / "snippet_site"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("STAGEDOOR_KEY", SECRET)
    for name in [name for name in sys.modules if name.partition(".")[0] == "snippet_site"]:
        monkeypatch.delitem(sys.modules, name)
    return folder


def imported(package: Path, source: str) -> ModuleType:
    (package / "tokens.py").write_text(source)
    return importlib.import_module("snippet_site.tokens")


def test_django(package: Path) -> None:
    # Django's settings are the process's: it gets one of its own.
    (package / "tokens.py").write_text(snippet("python", "Django"))
    done = subprocess.run(
        [sys.executable, "-c", DJANGO], check=False, cwd=package.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    stranger, token = done.stdout.split()
    assert stranger == "302"
    assert visitor_of(token) == Visitor("7", "Ada Lovelace", {})


DJANGO = f"""
from django.conf import settings
settings.configure(
    SECRET_KEY="x" * 50, STAGEDOOR_KEY="{SECRET}", ROOT_URLCONF="snippet_site.tokens", ALLOWED_HOSTS=["testserver"],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware"],
)
import django
django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

call_command("migrate", verbosity=0)
client = Client()
print(client.get("/stagedoor-token/grades").status_code)
client.force_login(User.objects.create(pk=7, username="ada", first_name="Ada", last_name="Lovelace"))
print(client.get("/stagedoor-token/grades").content.decode())
"""


def test_flask(package: Path) -> None:
    import flask_login

    site = imported(package, snippet("python", "Flask")).site
    site.secret_key = "x"
    users = flask_login.LoginManager(site)

    @users.user_loader
    def load(identity: str) -> flask_login.UserMixin:
        user = flask_login.UserMixin()
        user.id = identity
        return user

    client = site.test_client()
    assert client.get("/stagedoor-token/grades").status_code == 401
    with client.session_transaction() as session:
        session["_user_id"] = "7"
    assert visitor_of(client.get("/stagedoor-token/grades").text) == Visitor("7", "", {})


FASTAPI_USERS = """
from dataclasses import dataclass
from fastapi import HTTPException, Request

@dataclass
class User:
    id: str
    name: str

def current_user(request: Request) -> User:
    if "Authorization" not in request.headers:
        raise HTTPException(401)
    return User("7", "Ada Lovelace")
"""


async def test_fastapi(package: Path) -> None:
    import httpx

    (package / "users.py").write_text(FASTAPI_USERS)
    site = imported(package, snippet("python", "FastAPI")).site
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="https://site.example") as client:
        assert (await client.get("/stagedoor-token/grades")).status_code == 401
        answer = await client.get("/stagedoor-token/grades", headers={"Authorization": "x"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert visitor_of(answer.text) == Visitor("7", "Ada Lovelace", {})


@pytest.mark.skipif(shutil.which("php") is None, reason="PHP is not installed: on Debian, php-cli")
def test_php(tmp_path: Path) -> None:
    # The secret's file ends with a line break, as openssl writes it.
    (tmp_path / "stagedoor.key").write_text(SECRET + "\n")
    source = snippet("php", "PHP")
    assert "'/etc/stagedoor.key'" in source
    source = source.replace("/etc/stagedoor.key", str(tmp_path / "stagedoor.key"))
    # A name of whose Base64 the alphabet differs between the two that there are.
    (tmp_path / "token.php").write_text(source + "echo stagedoor_token('grades', '7', 'Ada Ǿÿ?>~Ÿ');")
    done = subprocess.run(["php", str(tmp_path / "token.php")], capture_output=True, text=True, check=True)
    assert visitor_of(done.stdout) == Visitor("7", "Ada Ǿÿ?>~Ÿ", {})
    header, claims, _ = done.stdout.split(".")
    assert b'"alg":"HS256"' in urlsafe_b64decode(header + "==")
    assert not {"+", "/", "="} & set(claims)


def test_ed25519() -> None:
    """As the text above the snippets says."""
    assert 'jwt.encode(claims, private_pem, "EdDSA")' in PAGE
    key = Ed25519PrivateKey.generate()
    private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = {"app": "grades", "exp": time.time() + 300, "sub": "7"}
    assert visitor_of(jwt.encode(claims, private_pem, "EdDSA"), public_pem) == Visitor("7", "", {})
