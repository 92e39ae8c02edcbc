"""A worker: a shard in, its results out. It builds its parts when the first shard comes, and keeps them."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from halueval.errors import HaluevalError, RunError, RunStopped
from halueval.io.values import plain
from halueval.plugins import load_extractor, load_verifier
from halueval.protocols import Retriever
from halueval.records import Cost, Evidence, Stage, cost_since
from halueval.runs.asked import made_of
from halueval.runs.engines.recipe import Recipe
from halueval.runs.engines.shards import Columns, columns_of, records_in, row_for
from halueval.runs.manifest import differences

if TYPE_CHECKING:
    from halueval.chat import ChatSession

__all__ = ["ShardWorker"]


class ShardWorker:
    """Evaluates shards, one after the other, with parts of its own.

    Whatever keeps it from working is in what it gives back, beside what was finished before; it raises nothing that
    halueval raises on purpose. Once no other call of a chat model would succeed, it begins no other shard.

    Parameters
    ----------
    recipe : Recipe
    here : bool
        Whether it is on the driver's machine: then it uses the cache of calls that the driver named. A file of SQLite
        is not to be written from several machines.
    again : bool
        Whether it takes the place of a worker that was lost. What that one had spent is not known; so where there is
        a cap on money this one spends none.

    Examples
    --------
    >>> from halueval.line import evaluate_as_ready
    >>> from halueval.records import Response
    >>> from halueval.runs.engines import merged, recipe_for, shard_of
    >>> parts = dict(extractor="sentences", verifier="lexical", retriever=None, chat=None, judges=(), k=5, settings={})
    >>> worker = ShardWorker(recipe_for(1, evaluate_as_ready, **parts), here=True)
    >>> done = worker(shard_of([(3, Response("a", "Aspirin is a drug.", context=("Aspirin is a drug.",)))]))
    >>> [(position, result.outcomes[0].label) for position, result in merged([done], 1)]
    [(3, 'supported')]
    """

    def __init__(self, recipe: Recipe, *, here: bool, again: bool = False) -> None:
        self._recipe, self._here, self._again = recipe, here, again
        self._parts: dict[str, Any] | None = None
        self._sessions: list[ChatSession] = []
        self._noted: list[Mapping[Stage, Cost]] = []
        self._stopped: HaluevalError | None = None

    def __call__(self, shard: Columns) -> dict[str, list[Any]]:
        """The results of a shard, as far as they could be had, and what they took."""
        rows = []
        try:
            if self._stopped is not None:
                raise self._stopped
            if self._parts is None:
                self._parts = self._built()
            rows += [row_for(done) for done in self._recipe.line(records_in(shard), **self._parts)]
        except HaluevalError as error:
            self._stopped = error
            rows.append(row_for(error))
        return columns_of([*rows, *map(row_for, self._spent())])

    def _built(self) -> dict[str, Any]:
        recipe = self._recipe
        if self._again and recipe.caps:
            raise RunStopped("a worker was lost, and what it had spent of max_dollars is not known")
        retriever = self._retriever()
        self._sessions = self._opened()
        chat = None if recipe.chat is None else self._sessions[recipe.chat]
        extractor = load_extractor(recipe.extractor, chat=chat)
        verifier = load_verifier(recipe.verifier, chats=[self._sessions[i] for i in recipe.judges], retriever=retriever)
        self._require_same(plain(made_of(extractor, verifier, retriever)))
        # Whether there is anything to check the answers against was asked of all of them, before they were divided.
        return {
            "extractor": extractor,
            "verifier": verifier,
            "retriever": _NoEvidence() if retriever is None else retriever,
            "k": recipe.k,
        }

    def _retriever(self) -> Retriever | None:
        if self._recipe.index is None:
            return None
        from halueval.evidence import open_index

        try:
            return open_index(self._recipe.index, min_coverage=self._recipe.min_coverage)
        except HaluevalError as error:
            raise RunError(
                f"the worker on {platform.node()} cannot open the evidence ({error}). To mend it: build the index "
                "(`halueval index build`) in a folder that every machine has under the same name"
            ) from error

    def _opened(self) -> list[ChatSession]:
        from halueval.chat import Cap, ChatSession
        from halueval.runs.cache import CallCache

        terms = self._recipe.sessions
        caps = [Cap(dollars, spent=spent) for dollars, spent in self._recipe.caps]
        files = dict.fromkeys(t.cache for t in terms if t.cache is not None and self._here)
        caches = {file: CallCache(file) for file in files}
        opened = [
            ChatSession(
                t.model,
                deadline=t.deadline,
                max_attempts=t.max_attempts,
                max_in_flight=t.max_in_flight,
                max_dollars=None if t.cap is None else caps[t.cap],
                prices=t.prices,
                cache=caches.get(t.cache or ""),
            )
            for t in terms
        ]
        self._noted = [{} for _ in opened]
        return opened

    def _require_same(self, mine: Mapping[str, Any]) -> None:
        """Results of another version, another corpus or other settings are not to be mixed with the driver's."""
        asked = {name: value for name, value in self._recipe.settings.items() if name in mine}
        found = [(name, then, now) for name, then, now in differences(asked, mine) if name.partition(".")[0] in asked]
        if found:
            said = "; ".join(f"{name}: {then!r:.200} asked for, {now!r:.200} there" for name, then, now in found)
            raise RunError(
                f"the worker on {platform.node()} is not like the one that asks ({said}). To mend it: install the same "
                "versions, and give every machine the same files"
            )

    def _spent(self) -> list[dict[Stage, Cost]]:
        """What was spent since the last time."""
        rows = []
        for i, session in enumerate(self._sessions):
            before, self._noted[i] = self._noted[i], session.spent()
            added = {stage: cost_since(cost, before.get(stage, Cost())) for stage, cost in self._noted[i].items()}
            rows.append({stage: cost for stage, cost in added.items() if cost != Cost()})
        return [row for row in rows if row]


class _NoEvidence:
    """A retriever with nothing in it: what the line takes the want of evidence for, once the first answers had some."""

    name = "context"

    def search(self, queries: Sequence[str], k: int) -> list[list[Evidence]]:
        return [[] for _ in queries]
