"""What the model said about one claim by one document, window by window, as far as it was asked."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from halueval.records import LABELS, Label, Quote, Span
from halueval.verifiers.combination import Opinion
from halueval.verifiers.nli_documents import Document, Prepared
from halueval.verifiers.nli_windows import Unit
from halueval.verifiers.retrieved import doubt

__all__ = ["View"]


@dataclass(slots=True)
class View:
    """A claim beside a document, with a row of probabilities for each window that was read."""

    prepared: Prepared
    document: Document
    chances: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, len(LABELS))))
    deciding: int | None = None  # the window that decides

    @property
    def broken(self) -> bool:
        """Whether the model gave something that isn't a number."""
        return bool(np.isnan(self.chances).any())

    @property
    def label(self) -> Label:
        return self.opinion().label

    @property
    def window(self) -> tuple[int, ...]:
        """Units of the deciding window."""
        return self.document.windows[self.deciding or 0]

    @property
    def read(self) -> tuple[int, ...]:
        """Units that the deciding row rests on: its window's; beside the nearest ones also the last."""
        return self.window if self.deciding else tuple(sorted({*self.window, *self.document.conclusion}))

    @property
    def texts(self) -> tuple[str, ...]:
        """The pieces of the document."""
        return tuple(self.prepared.item.evidence[i].text for i in self.document.pieces)

    @property
    def unread(self) -> int:
        """Windows that the model wasn't given."""
        return len(self.document.windows) - len(self.chances) + self.document.unread

    def opinion(self) -> Opinion:
        """What the document says, by its deciding window."""
        row = dict(zip(LABELS, self.chances[self.deciding or 0].tolist(), strict=True))
        label = Opinion(self.document.doc_id, row).label
        where = f"sentences {self.window[0] + 1} to {self.window[-1] + 1}" if self.deciding else "the nearest sentences"
        says = "leave it open" if label == "not_enough_info" else "say so"
        return Opinion(self.document.doc_id, row, f"{where} {says} with probability {row[label]:.2f}")

    def doubt(self, opinion: Opinion) -> str:
        """Why a document that a search found may not decide, or nothing; one that was given with the claim may."""
        if not self.document.retrieved:
            return ""
        evidence = self.prepared.item.evidence
        return doubt(
            self.prepared.reading,
            self.prepared.item.claim.text,
            opinion.label,
            opinion.probabilities[opinion.label],
            self.document.share,
            self.document.stems,
            [evidence[i] for i in self.document.pieces],
        )

    def nearest(self) -> tuple[Quote, ...]:
        """The sentence that holds most of the claim; none where no sentence has a word of it."""
        return (self.quote(self.document.units[self.document.nearest]),) if self.document.share > 0 else ()

    def quote(self, unit: Unit) -> Quote:
        """Where a unit stands in the evidence."""
        return Quote(self.document.pieces[unit.piece], Span(unit.start, unit.end))
