"""What the NLI verifier reads for one claim: its documents, in units, with the windows to score."""

from __future__ import annotations

from dataclasses import dataclass, field

from halueval.records import ClaimWithEvidence, Failure
from halueval.verifiers.claims import Idf, Reading, read_claim
from halueval.verifiers.encoding import Encoder
from halueval.verifiers.nli_windows import (
    SLACK,
    Unit,
    closeness,
    last_units,
    nearest_units,
    neighbouring_units,
    read_units,
)
from halueval.verifiers.reading import READ_LIMIT
from halueval.verifiers.retrieved import RETRIEVED_SHARE

__all__ = ["Document", "Prepared", "Reader"]


@dataclass(frozen=True, slots=True)
class Document:
    """The pieces of evidence with one doc_id beside one claim, cut into windows; the nearest sentences come first."""

    doc_id: str
    pieces: tuple[int, ...]  # of the item's evidence, in the order of the units' ``piece``
    units: tuple[Unit, ...]
    windows: tuple[tuple[int, ...], ...]
    conclusion: tuple[int, ...]  # its last units, where they are read besides
    unread: int  # windows that are not among these
    nearest: int  # the unit that holds most of the claim
    share: float  # of the claim's weight in it
    retrieved: bool  # a search found it; nobody said that it is about the claim

    @property
    def stems(self) -> frozenset[str]:
        return frozenset().union(*(unit.stems for unit in self.units))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claim and its documents. ``nearest_unread``: the claim's share in the closest found document left unread."""

    item: ClaimWithEvidence
    reading: Reading
    said: str  # the claim as it is read: one space for any white space
    documents: tuple[Document, ...]
    nearest_unread: float | None


@dataclass(slots=True)
class Reader:
    """Cuts evidence into windows; a passage that stands beside many claims is cut once.

    Parameters
    ----------
    encoder : Encoder
        Whose tokens are counted.
    idf : Idf
        What words weigh.
    words : int
        Of a window.
    windows : int
        Read of one document for one claim, the nearest sentences not counted; the nearest are taken, and how many are
        left out is kept.
    conclusion : int
        Words of a document's last sentences that are read besides; 0 for none.
    least : float
        Share of the claim's weight that a sentence must hold for its document, given with the claim, to be read. (One
        that a search found must hold more.)
    """

    encoder: Encoder
    idf: Idf
    words: int
    windows: int
    conclusion: int = 0
    least: float = 0.0
    _units: dict[tuple[tuple[str, ...], int], tuple[Unit, ...]] = field(default_factory=dict)

    def prepare(self, item: ClaimWithEvidence) -> Prepared | Failure:
        """What is to be read for a claim, or why it can't be."""
        text = item.claim.text
        if not isinstance(text, str) or not all(isinstance(e.text, str) for e in item.evidence):
            message = "the claim or a piece of evidence isn't text; give both as str"
            return Failure("verification", "invalid_record", message, item.claim.id)
        said = " ".join(text.split())
        claim = read_claim(said[:READ_LIMIT], self.idf)
        if not item.evidence or not claim.sentence.order:
            return Prepared(item, claim, said, (), None)
        room = self.encoder.max_length - self.encoder.special
        spoken = len(self.encoder.tokens(said))
        if spoken > room * 3 // 4:
            message = (
                f"the claim has {spoken} tokens, {self.encoder.name} reads {self.encoder.max_length} with the "
                "evidence, three quarters of them for the claim; split the claim"
            )
            return Failure("verification", "context_window", message, item.claim.id)
        by_document: dict[str, list[int]] = {}
        for i, piece in enumerate(item.evidence):
            by_document.setdefault(piece.doc_id, []).append(i)
        documents: list[Document] = []
        unread: list[float] = []
        for doc_id, places in by_document.items():
            pieces = tuple(item.evidence[i] for i in places)
            units = self._read(tuple(piece.text for piece in pieces), max(1, min(room // 2, room - spoken) - SLACK))
            if not units:
                continue
            retrieved = any(piece.rank is not None for piece in pieces)
            share = max(closeness(claim, unit.stems) for unit in units)
            if share < (RETRIEVED_SHARE if retrieved else self.least):  # whatever the model said, it couldn't decide
                unread.append(share)
                continue
            documents.append(self._document(doc_id, tuple(places), units, claim, room - spoken, retrieved))
        return Prepared(item, claim, said, tuple(documents), max(unread, default=None))

    def _read(self, texts: tuple[str, ...], most: int) -> tuple[Unit, ...]:
        if (texts, most) not in self._units:
            self._units[texts, most] = read_units(texts, self.encoder.tokens, most)
        return self._units[texts, most]

    def _document(
        self, doc_id: str, places: tuple[int, ...], units: tuple[Unit, ...], claim: Reading, room: int, retrieved: bool
    ) -> Document:
        close = [closeness(claim, unit.stems) for unit in units]
        nearest = max(range(len(units)), key=lambda i: (close[i], -i))
        chosen = nearest_units(close, units, self.words, room)
        others: list[tuple[int, ...]] = []
        if len(chosen) < len(units):
            others = [w for w in neighbouring_units(units, self.words, room) if not set(w) <= set(chosen)]
        kept = others
        if len(others) > self.windows:
            held = [closeness(claim, frozenset[str]().union(*(units[i].stems for i in w))) for w in others]
            best = sorted(range(len(others)), key=lambda i: (-held[i], i))[: self.windows]
            kept = [others[i] for i in sorted(best)]
        return Document(
            doc_id,
            places,
            units,
            (chosen, *kept),
            last_units(units, self.conclusion, room) if self.conclusion else (),
            len(others) - len(kept),
            nearest,
            close[nearest],
            retrieved,
        )
