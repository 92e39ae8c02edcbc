"""The NLI verifier: a cross-encoder reads evidence and claim together and says whether the one follows from the other.

``halueval-mini`` ships with the package and needs no network; any other model of this kind goes through the same door
(docs/how-to/verifiers.md). Evidence is read in windows of whole sentences, and nothing of it is cut off unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from halueval.errors import PluginError, located
from halueval.records import LABELS, ClaimWithEvidence, Failure, Label, Outcome, Quote, Verdict
from halueval.verifiers.cascade import ABSTAINS
from halueval.verifiers.combination import Opinion, combine
from halueval.verifiers.encoding import Encoder
from halueval.verifiers.lexical import lexical_chances, trained_idf
from halueval.verifiers.nli_documents import Prepared, Reader
from halueval.verifiers.nli_ensemble import ensemble_of
from halueval.verifiers.nli_labels import in_our_labels, rounded
from halueval.verifiers.nli_models import find_encoder, setting
from halueval.verifiers.nli_rule import WindowRule, nearest_first
from halueval.verifiers.nli_views import View
from halueval.verifiers.nli_windows import window_text

__all__ = ["NLIVerifier"]

_WORDS = 110  # of a window, where the model's configuration doesn't say: what halueval-mini was trained on
_LEAST = 0.01  # of the claim's weight in the best sentence: a small encoder finds contradictions between strangers
_WINDOWS = 32  # read of one document for one claim


class NLIVerifier:
    """Judges claims with a sequence-classification model that reads evidence and claim together.

    Pieces of evidence with the same ``doc_id`` are read as one document. Of each, the claim's nearest sentences are
    read first (those that share most of its weight in words, in the order of the document; by ``halueval-mini`` the
    document's last sentences besides), then, where they leave the claim open and there is more, windows of neighbouring
    sentences that overlap by one.
    :mod:`halueval.verifiers.nli_rule` says which window decides, :mod:`halueval.verifiers.combination` how documents
    that disagree are put together. The sentence that alone speaks most for the verdict is its quote.

    Parameters
    ----------
    model : str, path or Encoder
        A shipped model's name ("halueval-mini"), a folder (with ``model.onnx``, ``tokenizer.json`` and ``config.json``,
        or one of ``transformers``), a preset (:data:`halueval.verifiers.nli_presets.PRESETS`), a model's name
        ("organisation/name"), or an object that reads pairs.
    labels : mapping, optional
        What the model's classes mean, where its own names don't say: ``{"LABEL_1": "supported", …}``.
    batch_size : int
        Pairs read together, of similar length; no result depends on it.
    threads : int, optional
        Threads of ONNX Runtime; all cores by default.
    threshold : float
        Where no label is this likely, the verdict is an abstention: *not enough info*, with a reason that starts with
        "abstains" and without probabilities. A cascade asks its next verifier then.
    rule : callable
        Which window of a document decides; see :mod:`halueval.verifiers.nli_rule`.
    windows : int
        Read of one document for one claim at most, besides the nearest sentences. Of a longer document those nearest to
        the claim are read, and the reason says how many were not.
    download : bool
        Whether a model that is named and not on this disk may be downloaded. Never without.

    Raises
    ------
    PluginError
        No such model, an incomplete folder, a label map that can't be read, a setting out of range.

    Notes
    -----
    A claim without evidence, or with evidence that has no words, is *not enough info* with the reason "no evidence",
    and one without words is too; the model isn't asked and there are no probabilities. A claim longer than three
    quarters of what the model reads is a failure of kind "context_window". Logits that aren't finite make a failure of
    the claims that they were for. Probabilities are rounded to four decimals. They are said to be calibrated where the
    model's configuration says so, on evidence given with the claim that the nearest sentences decided. Evidence that a
    search found decides under the conditions of :mod:`halueval.verifiers.retrieved` only.

    Examples
    --------
    >>> NLIVerifier("halueval-mini", threshold=2)
    Traceback (most recent call last):
        ...
    halueval.errors.PluginError: threshold=2; wanted: a probability between 0 and 1
    """

    def __init__(
        self,
        model: str | Path | Encoder = "halueval-mini",
        *,
        labels: Mapping[str, Label] | None = None,
        batch_size: int = 32,
        threads: int | None = None,
        threshold: float = 0.0,
        rule: WindowRule = nearest_first,
        windows: int = _WINDOWS,
        download: bool = False,
    ) -> None:
        for name, number in (("batch_size", batch_size), ("windows", windows), ("threads", threads)):
            if number is not None and (type(number) is not int or number < (0 if name == "windows" else 1)):
                raise PluginError(f"{name}={number!r}; wanted: a whole number, {0 if name == 'windows' else 1} or more")
        if not 0 <= threshold <= 1:
            raise PluginError(f"threshold={threshold!r}; wanted: a probability between 0 and 1")
        self.name, self._encoder = find_encoder(
            model, labels=labels, batch_size=batch_size, threads=threads, download=download
        )
        config = self._encoder.config
        self._temperature = setting(config, "temperature", 1.0, self.name)
        windows_of = config.get("windows", {})
        if not isinstance(windows_of, Mapping):
            raise PluginError(located(f"{windows_of!r}", wanted='{"words": 110}', path=self.name, field="windows"))
        self._words = int(setting(windows_of, "words", _WORDS, self.name))
        self._ensemble = ensemble_of(config, self.name)
        self._calibrated = config.get("calibrated") is True
        self._threshold, self._rule, self._windows = threshold, rule, windows

    @property
    def model(self) -> str:
        """Which model this is, its files' content too: a run that goes on with another one is refused."""
        return f"{self._encoder.name} {getattr(self._encoder, 'content', '')}".strip()

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """What the model says about pairs of evidence and claim, as they are: no windows, no rule.

        Parameters
        ----------
        pairs : sequence of (str, str)
            Evidence first.

        Returns
        -------
        array of shape (n, 3)
            Supported, refuted, not enough info, calibrated by the configuration's temperature; NaN where the model gave
            logits that aren't finite.

        Raises
        ------
        PluginError
            A pair longer than the model reads, or logits of another size than the label map.
        """
        logits = self._encoder.logits(pairs)
        return in_our_labels(logits, self._encoder.labels, self._temperature)

    def verify(self, items: Sequence[ClaimWithEvidence]) -> list[Outcome]:
        """One verdict or failure per item, in order; see the class for what is read and who decides."""
        least, conclusion = (0.0, 0) if self._ensemble is None else (_LEAST, self._ensemble.conclusion)
        reader = Reader(self._encoder, trained_idf(), self._words, self._windows, conclusion, least)
        prepared = [reader.prepare(item) for item in items]
        views = [[View(p, d) for d in p.documents] if isinstance(p, Prepared) else [] for p in prepared]
        self._decide([view for some in views for view in some])
        drafts: list[_Draft | Failure] = []
        for p, some in zip(prepared, views, strict=True):
            drafts.append(p if isinstance(p, Failure) else self._draft(p, some))
        return self._with_quotes(drafts)

    def _decide(self, views: Sequence[View]) -> None:
        """Read the nearest sentences of all documents, the rest of those where the rule asks for it."""
        self._read(views, 1)
        if self._ensemble is not None and views:
            lexical = lexical_chances([(view.prepared.reading, view.texts) for view in views])
            for view, last, row in zip(views, self._conclusions(views), lexical, strict=True):
                view.chances[0] = rounded(self._ensemble(view.chances[:1], *last, row[None]))[0]
        sound = [view for view in views if not view.broken]
        for view in sound:
            view.deciding = self._rule(view.chances, len(view.document.windows) - 1)
        more = [view for view in sound if view.deciding is None]
        self._read(more, None)
        for view in more:
            view.deciding = 0 if view.broken else self._rule(view.chances, 0)

    def _conclusions(self, views: Sequence[View]) -> list[list[NDArray[np.float64]]]:
        """What the model says of the documents' last sentences, where they are read and aren't the nearest ones."""
        apart = [view for view in views if view.document.conclusion not in ((), view.document.windows[0])]
        pairs = [(window_text(view.document.units, view.document.conclusion), view.prepared.said) for view in apart]
        said = {id(view): row[None] for view, row in zip(apart, self._score(pairs), strict=True)}
        return [[said.get(id(view), view.chances[:1])] if view.document.conclusion else [] for view in views]

    def _read(self, views: Sequence[View], upto: int | None) -> None:
        """Score the windows of documents up to a number of them, those that aren't scored yet."""
        todo = [(view, w) for view in views for w in view.document.windows[len(view.chances) : upto]]
        pairs = [(window_text(view.document.units, w), view.prepared.said) for view, w in todo]
        for (view, _), row in zip(todo, self._score(pairs), strict=True):
            view.chances = np.vstack([view.chances, row])

    def _score(self, pairs: Sequence[tuple[str, str]]) -> list[NDArray[np.float64]]:
        """Probabilities of pairs, each read once however often it comes."""
        once = list(dict.fromkeys(pairs))
        rows = self.probabilities(once) if once else np.zeros((0, len(LABELS)))
        at = dict(zip(once, rows, strict=True))
        return [at[pair] for pair in pairs]

    def _draft(self, prepared: Prepared, views: Sequence[View]) -> _Draft | Failure:
        """The verdict on a claim, and where the sentences that decided it are still to be found."""
        item = prepared.item
        if any(view.broken for view in views):
            message = f"{self.name} gave logits that aren't finite for this claim; its files may be damaged"
            return Failure("verification", "plugin_error", message, item.claim.id)
        opinions: list[Opinion] = []
        heard: list[View] = []
        doubts: list[tuple[float, int, str]] = []
        for i, view in enumerate(views):
            opinion = view.opinion()
            if why := view.doubt(opinion):
                doubts.append((view.document.share, -i, why))
            else:
                opinions.append(opinion)
                heard.append(view)
        if doubts and all(opinion.label == "not_enough_info" for opinion in opinions):
            _, nearest, why = max(doubts)  # the passage that came closest is shown, and why it may not decide
            return _Draft(self._open(item, why), views[-nearest].nearest())
        if not opinions:
            return _Draft(self._open(item, _why_nothing(prepared)))
        combined = combine(opinions)
        deciding = tuple(heard[i] for i in combined.deciding)
        certainty = combined.probabilities[combined.label]
        if certainty < self._threshold:
            said = combined.label.replace("_", " ")
            why = f"{ABSTAINS}: {said} with probability {certainty:.2f}, below {self._threshold:g}"
            return _Draft(self._open(item, why), tuple(quote for view in deciding for quote in view.nearest()))
        unread = [f"{v.unread:,} windows of {v.document.doc_id}" for v in views if v.document.unread]
        note = f"; not read, being farther from the claim: {', '.join(unread)}" if unread else ""
        verdict = Verdict(
            item.claim.id,
            combined.label,
            dict(combined.probabilities),
            calibrated=self._calibrated and not any(v.document.retrieved or v.deciding for v in views),
            evidence=item.evidence,
            reason=combined.reason + note,
            verifier=self.name,
        )
        if deciding[0].label == "not_enough_info":
            return _Draft(verdict, tuple(quote for view in deciding for quote in view.nearest()))
        return _Draft(verdict, sought=deciding)

    def _open(self, item: ClaimWithEvidence, reason: str) -> Verdict:
        """Not enough info that the model wasn't asked about, or wasn't heard on: no probabilities."""
        return Verdict(item.claim.id, "not_enough_info", evidence=item.evidence, reason=reason, verifier=self.name)

    def _with_quotes(self, drafts: Sequence[_Draft | Failure]) -> list[Outcome]:
        """Of what decided, the sentence that alone speaks most for the label."""
        sought = [v for d in drafts if isinstance(d, _Draft) for v in d.sought if len(v.read) > 1]
        pairs = [(view.document.units[i].text, view.prepared.said) for view in sought for i in view.read]
        rows = iter(self._score(pairs))
        outcomes: list[Outcome] = []
        for draft in drafts:
            if isinstance(draft, Failure):
                outcomes.append(draft)
                continue
            quotes = list(draft.quotes)
            for view in draft.sought:
                units, column = [view.document.units[i] for i in view.read], LABELS.index(view.label)
                speaks = [float(np.nan_to_num(next(rows)[column])) for _ in units] if len(units) > 1 else [1.0]
                quotes.append(view.quote(units[speaks.index(max(speaks))]))
            outcomes.append(replace(draft.verdict, quotes=tuple(quotes)))
        return outcomes


@dataclass(frozen=True, slots=True)
class _Draft:
    """A verdict with the quotes it has, and the documents whose deciding sentence is still to be found."""

    verdict: Verdict
    quotes: tuple[Quote, ...] = ()
    sought: tuple[View, ...] = ()


def _why_nothing(prepared: Prepared) -> str:
    if prepared.nearest_unread is not None:
        return f"the closest passage holds {prepared.nearest_unread:.0%} of the claim's words, too few to decide"
    return "no evidence" if prepared.reading.sentence.order or not prepared.item.evidence else "the claim has no words"
