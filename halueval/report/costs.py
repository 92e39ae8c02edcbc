"""What the calls of chat models took, in words: one line, and a table by step."""

from __future__ import annotations

from dataclasses import dataclass

from halueval.metrics import Counts
from halueval.records import Cost, total_cost
from halueval.report.wording import plural

__all__ = ["CostRow", "amount_text", "cost_rows", "cost_text", "dollars_text"]


@dataclass(frozen=True, slots=True)
class CostRow:
    """A step, all of them, or the part of one claim; each cell as text."""

    step: str
    calls: str
    tokens: str
    dollars: str
    part: bool = False


def cost_rows(counts: Counts) -> list[CostRow]:
    """A row per step that asked a chat model, all of them, and per claim attempted; none where nobody was asked."""
    if not any(cost.calls for cost in counts.costs.values()):
        return []
    total = total_cost(counts.costs.values())
    rows = [_row("all steps", total, 1)]
    rows += [_row(step, cost, 1, part=True) for step, cost in counts.costs.items()]
    if counts.claims_attempted:
        rows.append(_row("per claim", total, counts.claims_attempted))
    return rows


def cost_text(cost: Cost) -> str:
    """A cost in one line.

    Examples
    --------
    >>> cost_text(Cost(1234, 1_000_000, 210_000, 80.0, 3.41)), cost_text(Cost(1, 200, 50, 0.5, None))
    ('1,234 calls · 1.2 M tokens · $3.41', '1 call · 250 tokens · price not known')
    """
    tokens = cost.prompt_tokens + cost.completion_tokens
    return f"{plural(cost.calls, 'call')} · {amount_text(tokens)} tokens · {dollars_text(cost.dollars)}"


def amount_text(amount: float) -> str:
    """An amount of tokens or calls, rounded where more digits say nothing.

    Examples
    --------
    >>> [amount_text(n) for n in (0.25, 3.04, 99.6, 980, 9_999, 45_600, 999_960, 1_210_000)]
    ['0.25', '3', '100', '980', '9,999', '45.6 k', '1 M', '1.2 M']
    """
    if amount < 10:
        return f"{amount:.2g}"
    if amount < 10_000:
        return f"{amount:,.0f}"
    scale, unit = (1e3, "k") if amount < 999_950 else (1e6, "M")
    return f"{amount / scale:,.1f}".removesuffix(".0") + f" {unit}"


def dollars_text(dollars: float | None) -> str:
    """Money, to the cent or to two digits that say something.

    Examples
    --------
    >>> [dollars_text(d) for d in (3.414, 0.0214, 0.0000123, 0.0, None)]
    ['$3.41', '$0.021', '$0.000012', '$0', 'price not known']
    """
    if dollars is None:
        return "price not known"
    if not dollars:
        return "$0"
    if dollars >= 1:
        return f"${dollars:,.2f}"
    digits = f"{dollars:.1e}"
    return f"${dollars:.{1 - int(digits[digits.index('e') + 1 :])}f}"


def _row(step: str, cost: Cost, of: int, *, part: bool = False) -> CostRow:
    prompt, completion = cost.prompt_tokens / of, cost.completion_tokens / of
    dollars = None if cost.dollars is None else cost.dollars / of
    return CostRow(
        step,
        amount_text(cost.calls / of),
        f"{amount_text(prompt)} + {amount_text(completion)}",
        "not known" if dollars is None else dollars_text(dollars),
        part,
    )
