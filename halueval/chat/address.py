"""Where an endpoint is: the address that is called, the one that is shown, the secrets in it, and whose key fits it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from halueval.chat.secrets import Secret, redact
from halueval.errors import InputError

__all__ = ["Address", "key_for", "read_address"]

PATH = "/chat/completions"

# Whose key goes where. A provider's own key is sent to that provider and nowhere else, whatever a base URL says.
OWN_KEYS: Mapping[str, str] = {
    "api.openai.com": "OPENAI_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "api.x.ai": "XAI_API_KEY",
    "dashscope.aliyuncs.com": "DASHSCOPE_API_KEY",
    "generativelanguage.googleapis.com": "GEMINI_API_KEY",
    "integrate.api.nvidia.com": "NVIDIA_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
    "router.huggingface.co": "HF_TOKEN",
}


@dataclass(frozen=True, slots=True)
class Address:
    """``call`` is the full address without user and password (a secret: its query may hold a key), ``shown`` the base
    URL without anything secret, ``user`` and ``password`` what stood before the host."""

    call: Secret
    shown: str
    host: str
    user: Secret
    password: Secret
    secrets: tuple[Secret, ...]


def read_address(base_url: str) -> Address:
    """The address of chat completions below a base URL.

    The scheme may be left out (then it is http for this machine and https elsewhere), as may ``/v1`` where there is no
    other path, and a slash or ``/chat/completions`` may stand at the end.

    Raises
    ------
    InputError
        It is no address of the web.

    Examples
    --------
    >>> address = read_address("localhost:8000/")
    >>> address.shown, address.call.reveal()
    ('http://localhost:8000/v1', 'http://localhost:8000/v1/chat/completions')
    >>> read_address("https://me:secret@host/llm/?key=abcdefgh").shown
    'https://host/llm'
    """
    text = base_url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("", "http", "https") or any(c.isspace() or not c.isprintable() for c in text):
        raise InputError(
            f"base URL {redact(text)!r}", wanted="an address such as http://localhost:8000/v1", field="base_url"
        )
    scheme = parts.scheme or ("http" if is_local(host) else "https")
    path = parts.path.rstrip("/").removesuffix(PATH) or "/v1"
    place = f"[{host}]" if ":" in host else host
    place += f":{port}" if port is not None else ""
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    given = [value for name, value in parse_qsl(parts.query) if name.lower() != "api-version"]
    return Address(
        Secret(urlunsplit((scheme, place, path + PATH, parts.query, ""))),
        redact(urlunsplit((scheme, place, path, "", ""))),
        host,
        Secret(user),
        Secret(password),
        tuple(Secret(value) for value in (password, user, *given) if value),
    )


def key_for(host: str, api_key: str | None = None) -> Secret:
    """The key to send to a host: the one given, else ``HALUEVAL_API_KEY``, else the provider's own for its own host.

    Raises
    ------
    InputError
        It cannot stand in a header: a line break in the middle, letters that no key has.

    Examples
    --------
    >>> key_for("localhost", "sk-abc").reveal()
    'sk-abc'
    """
    own = next((name for domain, name in OWN_KEYS.items() if host == domain or host.endswith(f".{domain}")), "")
    places = (
        ("api_key", api_key),
        ("HALUEVAL_API_KEY", os.environ.get("HALUEVAL_API_KEY")),
        (own, os.environ.get(own)),
    )
    name, key = next(((name, value.strip()) for name, value in places if value and value.strip()), ("", ""))
    if not (key.isascii() and key.isprintable()):
        raise InputError(f"a key ({name}) with a line break or letters that no key has", todo="copy it again")
    return Secret(key)


def is_local(host: str) -> bool:
    """Whether a host is this machine or in its own network, as far as its name says.

    Examples
    --------
    >>> is_local("localhost"), is_local("10.0.0.7"), is_local("api.openai.com")
    (True, True, False)
    """
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal")) or "." not in host
