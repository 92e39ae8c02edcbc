"""Engines: the same line in many processes or on many machines, its results in the same journal.

The driver alone reads the input and writes the journal. What goes to a worker is a shard, a few answers with their
positions; what comes back are results with theirs. Positions that the journal has are not sent.
"""

from halueval.runs.engines.naming import require_engine, workers_named
from halueval.runs.engines.recipe import Recipe, recipe_for
from halueval.runs.engines.shards import merged, shard_of
from halueval.runs.engines.worker import ShardWorker

__all__ = ["Recipe", "ShardWorker", "merged", "recipe_for", "require_engine", "shard_of", "workers_named"]
