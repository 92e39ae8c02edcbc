"""Models side by side: their rates on the same prompts, the difference of each pair, and every form it is read in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from halueval.report.forest import Svg, forest_plot
from halueval.report.wording import RATES, interval_text, of_text, one_line, plural, printable, value_text
from halueval.statistics.estimate import Estimate, shown
from halueval.statistics.paired import Comparison

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

__all__ = ["FORMAT", "ComparedModel", "ModelComparison"]

FORMAT = 1
_NAME = 30


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One of the models: its rate on the prompts that all have in common, and what that leaves out.

    ``rate`` is None where no prompt is left on which every model has claims with a verdict. ``own`` is its rate on all
    of its prompts; ``prompts`` are those it answered, ``scored`` those of them on which it has claims with a verdict.
    ``ranks`` are the best and the worst rank that simultaneous bands allow, 1 for the lowest rate; None for two models.
    """

    name: str
    rate: Estimate
    own: Estimate
    prompts: int
    scored: int
    answers: int
    claims_per_answer: float | None
    ranks: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """Several models on the same prompts: look at it, print it, write it.

    ``prompts`` are those on which all have claims with a verdict; a pair has its own number, those on which both have.
    ``warnings`` stand in the order of what a reader must know first: what was not measured alike.
    """

    rate: str
    level: float
    models: tuple[ComparedModel, ...]
    pairs: tuple[Comparison, ...]
    prompts: int
    warnings: tuple[str, ...] = ()
    margin: float | None = None
    seed: int = 0
    method: str = ""

    @property
    def title(self) -> str:
        """What is compared, in words."""
        title = RATES[self.rate].title
        return f"{title[:1].upper()}{title[1:]} of {len(self.models)} models on the same prompts"

    def plot(self) -> Svg:
        """Each model's rate on the common prompts, with its interval."""
        return forest_plot([(m.name, m.rate) for m in self.models], self.title, "compared")

    def sentences(self) -> list[str]:
        """What each pair shows and does not show, the test first."""
        return [sentence(pair) for pair in self.pairs]

    def to_markdown(self) -> str:
        """Markdown with the warnings first, then the models and the pairs."""
        from halueval.report.markdown import escaped

        lines = [f"# {escaped(self.title)}", "", escaped(self._lead()), ""]
        lines += [f"- Note: {escaped(warning)}" for warning in self.warnings] + [""] * bool(self.warnings)
        lines += [f"- {escaped(said)}" for said in self.sentences()]
        for title, headers, rows in self._tables():
            cells = (headers, ("---",) * len(headers), *(tuple(escaped(cell) for cell in row) for row in rows))
            lines += ["", f"## {title}", "", *(f"| {' | '.join(row)} |" for row in cells)]
        return "\n".join([*lines, "", escaped(self._made())]) + "\n"

    def to_json(self) -> str:
        """JSON: the fields of this record, its models and its pairs; null where something is undefined."""
        from halueval.report.json_document import plain

        return (
            json.dumps(plain({"format": FORMAT, **asdict(self)}), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        )

    def to_html(self) -> str:
        """A page that loads nothing from anywhere."""
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{printable(self.title)}</title><style>body {{ margin: 0 }}</style></head><body>"
            f"{self._html(1)}</body></html>\n"
        )

    def _repr_html_(self) -> str:
        return self._html(3)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._parts()

    def __str__(self) -> str:
        from io import StringIO

        from rich.console import Console

        out = StringIO()
        Console(file=out, width=80, color_system=None, force_terminal=False, force_jupyter=False).print(self)
        return "\n".join(line.rstrip() for line in out.getvalue().splitlines())

    __repr__ = __str__

    def _html(self, top: int) -> str:
        from markupsafe import Markup

        from halueval.report.page import fragment

        view = {
            "title": self.title,
            "lead": self._lead(),
            "warnings": self.warnings,
            "sentences": self.sentences(),
            "forest": Markup(self.plot()),
            "tables": list(self._tables()),
            "made": self._made(),
        }
        return fragment("{% from 'models.html' import models %}{{ models(view, top) }}", view=view, top=top)

    def _parts(self) -> Iterator[RenderableType]:
        from rich.table import Table
        from rich.text import Text

        yield Text(self.title, style="bold")
        yield Text(self._lead())
        for warning in self.warnings:
            yield Text(f"! {one_line(warning)}", style="yellow")
        yield Text()
        for said in self.sentences():
            yield Text(said)
        for title, headers, rows in self._tables():
            table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
            for header in headers:
                table.add_column(header, overflow="fold", header_style="dim")
            for row in rows:
                table.add_row(*(Text(one_line(cell)) for cell in row))
            yield Text()
            yield Text(title, style="bold")
            yield table
        yield Text()
        yield Text(self._made(), style="dim")

    def _lead(self) -> str:
        whole = max((m.prompts for m in self.models), default=0)
        return (
            f"{RATES[self.rate].meaning}; {'both' if len(self.models) == 2 else 'all'} have claims with a verdict on "
            f"{plural(self.prompts, 'prompt')}" + (f", of {whole:,} at most" if whole != self.prompts else "")
        )

    def _made(self) -> str:
        return f"{100 * self.level:g} % intervals; seed {self.seed}; {self.method}"

    def _tables(self) -> Iterator[tuple[str, tuple[str, ...], list[tuple[str, ...]]]]:
        """Each table as its title, headers and rows of text."""
        several = len(self.models) > 2
        rank = ("rank, 1 lowest",) if several else ()
        yield (
            "Models, on the prompts in common",
            ("model", "rate", "interval", "of", *rank),
            [
                (
                    m.name,
                    value_text(m.rate),
                    interval_text(m.rate),
                    of_text(m.rate),
                    *((_rank(m.ranks),) if several else ()),
                )
                for m in self.models
            ],
        )
        yield (
            "What each answered",
            ("model", "prompts", "scored", "answers", "claims each", "rate on all"),
            [_answered(model) for model in self.models],
        )
        yield (
            "Pairs, the first minus the second, in points",
            ("pair", "difference", "interval", "p", *(("after Holm",) if several else ()), "prompts"),
            [_difference(pair, several) for pair in self.pairs],
        )
        yield (
            "Pairs, the first over the second" + (", and limits of all differences together" if several else ""),
            ("pair", "ratio", "interval", *(("difference, all limits holding at once",) if several else ())),
            [_ratio(pair, several) for pair in self.pairs],
        )
        anyone = [pair for pair in self.pairs if pair.any_event and pair.any_event.share_a is not None]
        if self.rate in _ANY and anyone:
            yield (
                "Prompts with any such claim: the more a model claims, the more there are",
                ("pair", "first", "second", "mid-p", "claims per prompt"),
                [_any(pair) for pair in anyone],
            )


# Rates whose numerator is a whole bad claim, so that "any of them in the answer" means something.
_ANY = ("refuted", "unsupported", "refuted_decided")


def sentence(pair: Comparison) -> str:
    """What a pair shows, in a sentence: the test decides, the interval says how much.

    Examples
    --------
    >>> print(sentence(Comparison("a", "b", "refuted", 0.12, 0.06, 0.06, -0.01, 0.13, 0.08, 2.0, 0.9, 4.4, 50)))
    No difference is shown between a and b, which does not make them equal: 12.0 % and 6.0 %, difference +6.0 points \
(-1.0 to +13.0), p = 0.080, 50 prompts.
    """
    a, b = one_line(pair.a, _NAME), one_line(pair.b, _NAME)
    if pair.difference is None or pair.rate_a is None or pair.rate_b is None:
        return f"{a} and {b} cannot be compared: {pair.reason}."
    p = pair.p if pair.holm_p is None else pair.holm_p
    figures = (
        f"{shown(pair.rate_a)} and {shown(pair.rate_b)}, difference {_points(pair.difference)} points "
        f"({_limits(pair.low, pair.high) or f'no interval: {pair.reason}'}), p = {_p(p)}"
        f"{'' if pair.holm_p is None else ' after Holm'}, {plural(pair.prompts, 'prompt')}."
    )
    if p is not None and p < 1 - pair.level + 1e-12:
        said = f"The rate of {a} is {'higher' if pair.difference > 0 else 'lower'} than that of {b}"
    else:
        said = f"No difference is shown between {a} and {b}, which does not make them equal"
    return f"{said}: {figures}{_margin(pair, a, b)}"


def _margin(pair: Comparison, a: str, b: str) -> str:
    if pair.margin is None:
        return ""
    margin = f"{100 * pair.margin:g} points"
    if pair.non_inferiority_p is None:
        return f" Whether {a} is worse by {margin} or more cannot be tested: {pair.reason}."
    is_shown = pair.non_inferiority_p < (1 - pair.level) / 2 + 1e-12
    return (
        f" That {a} is not worse than {b} by {margin} or more is {'shown' if is_shown else 'not shown'} "
        f"(one-sided p = {_p(pair.non_inferiority_p)}, to be below {(1 - pair.level) / 2:.3g})."
    )


def _answered(model: ComparedModel) -> tuple[str, ...]:
    counts = (f"{number:,}" for number in (model.prompts, model.scored, model.answers))
    interval = f" ({interval_text(model.own)})" if model.own.low is not None else ""
    return (model.name, *counts, _decimal(model.claims_per_answer), f"{value_text(model.own)}{interval}")


def _difference(pair: Comparison, several: bool) -> tuple[str, ...]:
    holm = (_p(pair.holm_p),) if several else ()
    prompts = f"{pair.prompts:,}"
    if pair.difference is None:
        return (_names(pair, "−"), "undefined", pair.reason, _p(pair.p), *holm, prompts)
    interval = _limits(pair.low, pair.high) or f"none: {pair.reason}"
    return (_names(pair, "−"), _points(pair.difference), interval, _p(pair.p), *holm, prompts)


def _ratio(pair: Comparison, several: bool) -> tuple[str, ...]:
    bands = (_limits(pair.band_low, pair.band_high) or "none",) if several else ()
    if pair.ratio is None:
        reason = "neither rate may be 0" if pair.difference is not None else pair.reason
        return (_names(pair, "÷"), "undefined", reason, *bands)
    limits = "none" if pair.ratio_low is None else f"{pair.ratio_low:.2f} to {pair.ratio_high:.2f}"
    return (_names(pair, "÷"), f"{pair.ratio:.2f}", limits, *bands)


def _any(pair: Comparison) -> tuple[str, ...]:
    found = pair.any_event
    assert found is not None and found.share_a is not None and found.share_b is not None
    each = f"{_decimal(found.claims_per_answer_a)} and {_decimal(found.claims_per_answer_b)}"
    return (_names(pair, ","), shown(found.share_a), shown(found.share_b), _p(found.mid_p), each)


def _names(pair: Comparison, sign: str) -> str:
    return f"{one_line(pair.a, _NAME)} {sign} {one_line(pair.b, _NAME)}".replace(" ,", ",")


def _rank(ranks: tuple[int, int] | None) -> str:
    if ranks is None:
        return ""
    return f"{ranks[0]}" if ranks[0] == ranks[1] else f"{ranks[0]} to {ranks[1]}"


def _points(value: float) -> str:
    """A difference of rates in percentage points, with its sign; small ones keep two digits."""
    text = shown(abs(value)).removesuffix(" %")
    return text if value == 0 else f"{'+' if value > 0 else '-'}{text}"


def _limits(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_points(low)} to {_points(high)}"


def _p(value: float | None) -> str:
    if value is None:
        return "none"
    return f"{value:.3f}" if value >= 0.0095 else f"{value:.2g}"


def _decimal(value: float | None) -> str:
    return "none" if value is None else f"{value:.1f}"
