"""Keys are never shown: what holds one, and what takes them out of a text before anyone sees it."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from typing import NoReturn
from urllib.parse import quote, quote_plus

__all__ = ["Secret", "SecretFilter", "environment_secrets", "redact"]

REMOVED = "[key removed]"
SHORTEST = 6  # "EMPTY" and "none", which local endpoints are given, hide nothing
SHORTEST_FOUND = 16  # of what only its name in the environment says to be a key

# What a key looks like. Each alternative starts where no longer run of the same characters can have started, so that a
# long text is read once. The parts with a name say that a key follows, and stay.
_KEYS = re.compile(
    r"""
    (?<=://)[^\s/?\#]*(?=@)                                                     # https://user:password@host
  | (?P<named>(?i:                                                              # api_key=..., "x-api-key": "..."
        \b(?:authorization | (?:proxy|x)-[a-z-]{0,20}key | (?:api|subscription)[-_ ]?(?:key|token)
          | (?:access|auth|refresh|secret|session)[-_ ]?(?:key|token) | (?:aws_)?secret_access_key
          | client[-_]secret | passw(?:or)?d)
        (?:\ (?:provided|given|used|is|was)){0,2} ["'\\]{0,3} \s{0,3} [:=] \s{0,3} ["'\\]{0,3}
        (?:(?:bearer|basic|token)\s{1,3})?+)
    ) (?!\[key\ removed) [^\s"',;&\\<>)\]}]{4,}
  | (?P<scheme>(?i:\bbearer\s{1,3})) [A-Za-z0-9._~+/=*:-]{8,}
  | (?P<basic>(?i:\bbasic\s{1,3})) (?=[A-Za-z+/]*[0-9=]) [A-Za-z0-9+/=]{8,}
  | (?P<query>(?i:[?&](?:[a-z_-]{0,20}(?:key|token|secret|password)|code|sig|signature)=))
    (?!\[key\ removed) [^&\s"'<>\#]+
  | (?<![A-Za-z0-9])(?:
        (?:sk|pk|rk|csk|dsk|key)-[A-Za-z0-9_*-]{12,}                            # OpenAI, Anthropic, OpenRouter
      | (?:hf|gsk|r8|gh[opsu]|fw|tgp|github_pat|api_org)_[A-Za-z0-9_*-]{12,}    # Hugging Face, Groq, Replicate
      | (?:xai|nvapi|pplx|glpat|xox[abeoprs]|vck|together)-[A-Za-z0-9_*-]{12,}  # xAI, NVIDIA, Perplexity
      | AIza[A-Za-z0-9_-]{16,} | ya29\.[A-Za-z0-9_-]{16,}                       # Google
      | A(?:KI|SI|RO|ID)A[A-Z0-9]{12,}                                          # AWS, the key's id
      | eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?            # JSON web token
    )
  | (?<![A-Za-z0-9+/])                                                          # AWS, the key: 40 of base 64
    (?=[a-z0-9+/]{0,39}[A-Z])(?=[A-Z0-9+/]{0,39}[a-z])(?=[A-Za-z+/]{0,39}[0-9])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])
  | (?<![A-Za-z0-9])                                                            # Azure: 32 hexadecimal digits; others
    (?=[A-Za-z]{0,200}[0-9])(?=[0-9]{0,200}[A-Za-z])[A-Za-z0-9]{32,}
    """,
    re.VERBOSE,
)
_NAMES = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$", re.IGNORECASE)


class Secret:
    """A text that nothing shows: not ``repr``, not ``str``, not a traceback with its variables. It can't be pickled.

    Examples
    --------
    >>> Secret("sk-abc"), f"{Secret('sk-abc')}", Secret("sk-abc").reveal()
    (Secret(), 'Secret()', 'sk-abc')
    """

    __slots__ = ("forms", "reveal")

    def __init__(self, value: str) -> None:
        # closures, because a text in an attribute is shown by anything that walks over attributes
        forms = _forms(value) if len(value) >= SHORTEST else ()
        self.reveal: Callable[[], str] = lambda: value
        self.forms: Callable[[], tuple[str, ...]] = lambda: forms

    def __repr__(self) -> str:
        return "Secret()"

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is never pickled: set it in the environment, where another process finds it as well")


def redact(text: str, secrets: Iterable[str | Secret] = ()) -> str:
    """A text without keys: those that are known, and whatever looks like one.

    Parameters
    ----------
    text : str
    secrets : iterable of str or Secret
        Known keys, taken out as they are, quoted for a URL or for JSON, in base 64 (also within a longer text that was
        encoded, such as ``user:key``) and in hexadecimal. Those of fewer than six characters ("EMPTY", "x") are not
        keys.

    Returns
    -------
    str
        With ``[key removed]`` in their place. More than keys may go (a long checksum looks like one): meant for
        messages, not for replies.

    Examples
    --------
    >>> redact("401: wrong key sk-proj-0123456789abcdef for https://me:pass@host/v1?key=abc")
    '401: wrong key [key removed] for https://[key removed]@host/v1?key=[key removed]'
    >>> redact("asked with open sesame", ["open sesame"])
    'asked with [key removed]'
    """
    return _KEYS.sub(_cover, without(text, secrets))


def without(text: str, secrets: Iterable[str | Secret]) -> str:
    """A text without known keys, in any of the forms that :func:`redact` names; nothing else is changed."""
    for secret in secrets:
        for form in (Secret(secret) if isinstance(secret, str) else secret).forms():
            if form in text:
                text = text.replace(form, REMOVED)
    return text


def environment_secrets() -> tuple[Secret, ...]:
    """Values of environment variables whose names say that they are keys: those that a provider's library may send.

    Short ones, and those with spaces in them, are not keys (``SORT_KEY=patient``).
    """
    return tuple(
        Secret(value)
        for name, value in os.environ.items()
        if len(value) >= SHORTEST_FOUND and not any(map(str.isspace, value)) and _NAMES.search(name)
    )


class SecretFilter(logging.Filter):
    """Takes keys out of what a library logs, drops what it logs for debugging (whole requests) and all tracebacks.

    Examples
    --------
    >>> record = logging.LogRecord("a", logging.ERROR, "", 0, "key %s", ("sk-0123456789abcdef",), None)
    >>> SecretFilter().filter(record), record.getMessage()
    (True, 'key [key removed]')
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is kept; it is changed in place."""
        if record.levelno < logging.WARNING:
            return False
        try:
            said = record.getMessage()
        except (TypeError, ValueError):
            said = "a message that cannot be shown"
        record.msg, record.args = redact(said, environment_secrets()), ()
        record.exc_info, record.exc_text, record.stack_info = None, None, None
        return True


def _cover(found: re.Match[str]) -> str:
    kept = found["named"] or found["scheme"] or found["basic"] or found["query"] or ""
    return kept + REMOVED


def _forms(secret: str) -> tuple[str, ...]:
    raw = secret.encode("utf-8", "replace")
    forms = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), json.dumps(secret)[1:-1], raw.hex()}
    for shift in range(3):
        # in a longer text the key may begin at any of three places of a group of three bytes; the characters at both
        # ends hold bits of what stands beside it
        encoded = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        inner = encoded[-(-shift * 8 // 6) : len(encoded) - (1 if (len(raw) + shift) % 3 else 0)]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return tuple(sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True))
