"""A reader that is left half way, and collected at any moment, holds up nobody."""

from __future__ import annotations

import faulthandler
import gc
import sys
from pathlib import Path
from types import FrameType

from halueval.records import Extraction, Response, Result
from halueval.runs import open_run, write_run


def test_results_left_half_way_are_collected_while_a_file_is_opened(tmp_path: Path) -> None:
    write_run(tmp_path / "run", [Result(Response(str(n), "Yes."), Extraction(str(n))) for n in range(3)], {})
    opened = 0

    def collect(frame: FrameType, event: str, argument: object) -> None:
        nonlocal opened
        if event == "call" and frame.f_code.co_name == "open_whole":
            opened += 1
            gc.collect()

    left: list[object] = [iter(open_run(tmp_path / "run").results)]
    next(left[0])  # type: ignore[call-overload]
    left.append(left)  # only the collector finds it
    del left
    gc.disable()
    faulthandler.dump_traceback_later(60, exit=True)  # a thread that waits for itself is not to be stopped otherwise
    sys.setprofile(collect)
    try:
        open_run(tmp_path / "run")
    finally:
        sys.setprofile(None)
        faulthandler.cancel_dump_traceback_later()
        gc.enable()
    assert opened
