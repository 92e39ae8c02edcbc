"""Extractors beside each other: ``extractors compare``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halueval.cli.session import Failures, Options
from halueval.errors import InputError
from halueval.records import Failure

if TYPE_CHECKING:
    from halueval.claim_extraction.comparison import Comparison
    from halueval.io.sources import Row
    from halueval.statistics import Estimate

__all__ = ["extractors"]

extractors = typer.Typer(help="Compare what extractors make of the same answers.", **Options)

_Claims = dict[str, list[str] | None]
_SHOWN_IDS = 3
# What a line of the table is called, the figure it shows, and the figure per response beside it.
_TABLE = (
    ("recall of the reference's claims", "recall", "recalled_per_response"),
    ("own-exclusive claims", "own_exclusive", "own_exclusive_per_response"),
    ("reference-exclusive claims", "reference_exclusive", "reference_exclusive_per_response"),
    ("claims per response, own", "own_claims", ""),
    ("claims per response, reference", "reference_claims", ""),
)
_WIDE = 34


@extractors.callback()
def main() -> None:
    """Compare what extractors make of the same answers."""


@extractors.command()
def compare(
    reference: Annotated[str, typer.Argument(metavar="A", help="The reference: JSONL (also .gz); - is stdin.")],
    own: Annotated[str, typer.Argument(metavar="B", help="What is compared with it: JSONL (also .gz).")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, with the claims that only one of the two has.")
    ] = False,
) -> None:
    """How much of A's claims does B have, and what does each have alone?

    A is the reference, B what is compared with it. Each is what `halueval extract` writes, or lines of {"id",
    "claims": [a text or {"text", "checkworthy"}, …]}, or gold lines of {"id", "must_have": [text], "nice_to_have":
    [text]}. Claims that are not checkworthy don't count. Responses are matched by their ids; those that only one file
    has, and those that failed in one, are left out and counted.

    The figures are those of Table 3 of the Baichuan-M3 report, over the responses that both files have, with 95 %
    intervals over responses. When two claims count as the same is printed below them.

    \b
    Example:
      halueval extract answers.jsonl --extractor rules -o rules.jsonl
      halueval extractors compare gold.jsonl rules.jsonl
    """
    import json

    from halueval.claim_extraction.comparison import compare_extractions

    if reference == own == "-":
        raise InputError("both files are standard input", wanted="one of them at most")
    failures = Failures()
    a, b = _read(reference, failures), _read(own, failures)
    if not a.keys() & b.keys():
        raise InputError(
            f"{reference} and {own} have no id in common ({_ids(a)}; {_ids(b)})",
            wanted="two extractions of the same responses",
        )
    found = compare_extractions(a, b)
    if as_json:
        typer.echo(json.dumps({"reference": reference, "own": own, **found.to_dict()}, indent=2))
    else:
        for line in _table(found, reference, own):
            typer.echo(line)
    failures.finish("-")


def _ids(claims: Iterable[str]) -> str:
    first = list(claims)[:_SHOWN_IDS]
    return f"ids such as {', '.join(map(repr, first))}"


def _read(path: str, failures: Failures) -> _Claims:
    """The claims of each response in a file, None where it failed; records that cannot be read are counted and said."""
    from halueval.io.records import Records
    from halueval.io.sources import open_source

    out: _Claims = {}
    for item in Records(open_source(path), _parser(), lambda row: _id(row) or ""):
        failures.see(item)
        if not isinstance(item, Failure):
            key, claims = item
            out[key] = claims
    return out


def _id(row: Row) -> str | None:
    """The id of a record, for the message about it, whatever else is wrong."""
    from halueval.io.records import FieldError, id_in

    try:
        return id_in(row.value, "id") if isinstance(row.value, Mapping) else None
    except FieldError:
        return None


def _parser() -> Any:
    """A function from a row to an id and its claims, which remembers the ids that it has seen."""
    from halueval.io.records import FieldError, id_in
    from halueval.io.values import describe

    seen: set[str] = set()

    def parse(row: Row) -> tuple[str, list[str] | None]:
        record = row.value
        if not isinstance(record, Mapping):
            raise FieldError(f"found {describe(record)}", 'an object with "id" and "claims"')
        key = id_in(record, "id")
        if not key:
            raise FieldError("missing", "text or a whole number", "id")
        if key in seen:
            raise FieldError(f"{key!r} comes twice", "each id once", "id", "duplicate_id")
        claims = None if record.get("failure") is not None else list(_claims(record))
        seen.add(key)
        return key, claims

    return parse


def _claims(record: Mapping[str, Any]) -> Iterator[str]:
    """The checkworthy claims of a record, in order."""
    from halueval.io.records import FieldError
    from halueval.io.values import describe, plain

    fields = [name for name in ("claims", "must_have", "nice_to_have") if name in record]
    if not fields:
        raise FieldError("missing", 'a list, or "must_have" and "nice_to_have"', "claims")
    for field in fields[:1] if fields[0] == "claims" else fields:
        claims = plain(record[field])
        if not isinstance(claims, list):
            raise FieldError(f"found {describe(claims)}", "a list", field)
        for claim in claims:
            said = claim.get("text") if isinstance(claim, Mapping) else claim
            if not isinstance(said, str):
                raise FieldError(f"found {describe(claim)} in it", "texts, or objects with a text", field)
            worth = claim.get("checkworthy", True) if isinstance(claim, Mapping) else True
            if not isinstance(worth, bool):
                raise FieldError(f"a claim's checkworthy is {describe(worth)}", "true or false", field)
            if worth and said.strip():
                yield said


def _table(found: Comparison, reference: str, own: str) -> Iterator[str]:
    """The figures as text, 80 columns wide, the same on a terminal and in a pipe."""
    from textwrap import wrap

    from halueval.io.values import one_line

    compared = f"{len(found.responses):,} response{'' if len(found.responses) == 1 else 's'} in both"
    yield f"reference: {one_line(reference)}"
    yield f"own:       {one_line(own)}"
    yield compared + "".join(f"; {n:,} {why}" for why, n in found.left_out.items())
    yield ""
    for label, name, beside in _TABLE:
        estimate = found.figures[name]
        yield f"{label:<{_WIDE}}{_short(estimate)}"
        if beside:
            counted = f"{estimate.events:,.0f} of {estimate.claims:,}; {_short(found.figures[beside])} per response"
            yield f"{'':<{_WIDE}}{counted}"
    recall, count = found.figures["recall"], found.figures["own_claims"]
    level = f"{100 * recall.level:g} % intervals over responses"
    yield ""
    yield from wrap(f"In brackets: {level}. Shares: {recall.method}. Per response: {count.method}.", 80)
    yield from wrap(f"Matching rule: {found.rule}.", 80)


def _short(estimate: Estimate) -> str:
    """The figure without its unit, which the line says."""
    return estimate.figure.removesuffix(" claims per response").replace(" claims per response,", ",")
