"""An endpoint as a process of its own, so that it and what is measured don't share an interpreter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from halueval.chat.mock_endpoint import MockEndpoint, MockReply

Respond = Callable[[dict[str, Any]], "str | Mapping[str, Any] | MockReply"]


@dataclass
class Served:
    """Where the endpoint is, and when it has ended what it saw."""

    url: str
    seen: dict[str, Any] = field(default_factory=dict)


@contextmanager
def served(script: str, settings: Mapping[str, Any]) -> Iterator[Served]:
    """A process that runs ``script --serve SETTINGS`` and there calls :func:`serve`."""
    command = [sys.executable, script, "--serve", json.dumps(settings)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    endpoint = Served(process.stdout.readline().strip())
    try:
        yield endpoint
    finally:
        said, _ = process.communicate()  # closes its standard input, which ends it
    endpoint.seen.update(json.loads(said))


def serve(respond: Respond, seen: Callable[[], Mapping[str, Any]], *, latency: float) -> None:
    """Serve until standard input ends, then say what was seen."""
    with MockEndpoint(respond, latency=latency, keep=False) as endpoint:
        print(endpoint.url, flush=True)
        sys.stdin.read()
        print(json.dumps({"calls": endpoint.calls, **seen()}), flush=True)
