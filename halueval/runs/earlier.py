"""The results of a run that was stopped or cut off: what need not be done again."""

from __future__ import annotations

import json
from pathlib import Path

from halueval.errors import RunError
from halueval.io import result_from_dict
from halueval.records import Response, Result

__all__ = ["Earlier"]


class Earlier:
    """The whole lines of a results file, by the id of their response; only places are held in memory.

    Lines of records that could not be read are not among them: those are read again.

    Raises
    ------
    RunError
        The file holds something that is not a result.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.places: dict[str, tuple[int, int]] = {}
        self.end = 0
        self.kept: set[str] = set()  # ids of the results that were handed out: they stand in the file already
        self.dollars = 0.0  # what they cost, as far as it is known
        with open(path, "rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    break  # cut off while it was written
                try:
                    result = _result(line)
                except ValueError as error:  # FieldError is one
                    raise RunError(f"{path}, line {number}: not a result ({error}); make the run again") from error
                failure = result.extraction.failure
                if failure is None or failure.stage != "input":
                    self.places[result.response.id] = (self.end, len(line))
                    costs = [result.extraction.cost, *(outcome.cost for outcome in result.outcomes)]
                    self.dollars += sum(cost.dollars or 0.0 for cost in costs)
                self.end += len(line)

    def __len__(self) -> int:
        return len(self.places)

    def result_of(self, response: Response) -> Result | None:
        """The result of the same response, if there is one: the same id with another text is another response."""
        place = self.places.get(response.id)
        if place is None:
            return None
        result = _result(self.line_at(*place))
        if result.response != response:
            return None
        self.kept.add(response.id)
        return result

    def line_at(self, start: int, length: int) -> bytes:
        """What stands in the file at a place."""
        with open(self.path, "rb") as file:
            file.seek(start)
            return file.read(length)


def _result(line: bytes) -> Result:
    return result_from_dict(json.loads(line))
