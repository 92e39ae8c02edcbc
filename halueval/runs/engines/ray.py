"""Ray Data as the engine: shards through a pool of actors, retried by Ray when a worker is lost.

Without ``RAY_ADDRESS`` a Ray of its own is started on this machine and ended with the run; with it, the cluster there
is joined. Nothing is reported to anybody, and nothing is written outside the system's folder for temporary files.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from typing import Any

from halueval.errors import PluginError, RunError
from halueval.records import Cost, Failure, Response, Result, Stage
from halueval.runs.engines.recipe import Recipe
from halueval.runs.engines.shards import Columns, merged, shard_of
from halueval.runs.engines.worker import ShardWorker

__all__ = ["ray_results"]

RETRIES = 3  # of a shard whose worker was lost: one that loses every worker must not go round for ever
OBJECT_STORE = 200 * 2**20  # bytes of memory for what is on its way; the rest waits on the disk
_AHEAD = 2  # shards given to a worker: one that it works on, and the next


def ray_results(
    shards: Iterable[list[tuple[int, Response | Failure]]],
    recipe: Callable[[int], Recipe],
    *,
    workers: int | None = None,
    spend: Callable[[Stage, Cost], object] = lambda stage, cost: None,
) -> Iterator[tuple[int, Result]]:
    """The results of every shard with their positions, as soon as the shard is done, by workers of Ray.

    The shards are read to their end and put into Ray's store before any work begins.

    Parameters
    ----------
    shards : iterable of list
        Records with their positions.
    recipe : callable
        What a worker is made from, given how many there are.
    workers : int, optional
        As many as the cluster has processors, if it is not said.
    spend : callable
        Is told what workers spent, by step.

    Raises
    ------
    PluginError
        Ray is not installed.
    RunStopped
        No other call of a chat model would succeed for some worker; what the others finished was given before.
    RunError
        Ray cannot be started or reached, or a shard lost every worker that it was given to. Also what keeps a worker
        from working: evidence that is not on its machine, other versions.
    """
    waiting = iter(shards)
    if (first := next(waiting, None)) is None:
        return
    recipe(workers or 1)  # what cannot be sent is refused before anything is started
    with _cluster(workers) as (ray, number):
        import pyarrow

        made, sent, blocks = recipe(number), 0, []
        for shard in chain([first], waiting):
            sent += len(shard)
            blocks.append(ray.put(pyarrow.table(shard_of(shard))))
        worker, home = _worker(), ray.get_runtime_context().get_node_id()
        pool = ray.data.ActorPoolStrategy(size=min(number, len(blocks)), max_tasks_in_flight_per_actor=_AHEAD)
        with warnings.catch_warnings(action="ignore"):  # of 2.64, where such bounds are given in another way
            done = ray.data.from_arrow_refs(blocks).map_batches(
                worker,
                fn_constructor_args=(made, home),
                compute=pool,
                batch_size=None,
                batch_format="pyarrow",
                num_cpus=1,
                max_restarts=-1,
                max_task_retries=RETRIES,
            )
        yield from merged(_outputs(ray, done), sent, spend=spend)


def _outputs(ray: Any, done: Any) -> Iterator[Columns]:
    try:
        for table in done.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
            yield table.to_pydict()
    except ray.exceptions.RayError as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise RunError(f"the engine stopped: {said[-1].strip()}; the same command goes on") from error


def _worker() -> type:
    """The class of Ray's actors: as it is sent to them, knowing where it is and whose place it takes."""
    schema = {"kind": "string", "position": "int64", "text": "large_string"}

    class Worker:
        def __init__(self, recipe: Recipe, home: str) -> None:
            import ray

            there = ray.get_runtime_context()
            if os.path.isdir(recipe.folder):
                os.chdir(recipe.folder)
            again = bool(there.was_current_actor_reconstructed)
            self._work = ShardWorker(recipe, here=there.get_node_id() == home, again=again)

        def __call__(self, shard: Any) -> Any:
            import pyarrow

            fields = [pyarrow.field(name, pyarrow.type_for_alias(kind)) for name, kind in schema.items()]
            return pyarrow.table(self._work(shard.to_pydict()), schema=pyarrow.schema(fields))

    return Worker


@contextmanager
def _cluster(workers: int | None) -> Iterator[tuple[Any, int]]:
    """Ray and the number of workers: one that runs in this process already, that of RAY_ADDRESS, or one of its own."""
    if find_spec("ray") is None:
        raise PluginError("the engine 'ray' is not installed. To mend it: pip install 'halueval[ray]'")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # read when Ray is imported and when it starts
    try:
        ray, data = import_module("ray"), import_module("ray.data")
    except ImportError as error:
        raise PluginError(
            f"the engine 'ray' cannot be imported ({error}). To mend it: pip install 'halueval[ray]'"
        ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    with _started(ray, workers), _quiet(data.DataContext.get_current()):
        yield ray, workers or max(1, int(ray.cluster_resources().get("CPU", 1)))


@contextmanager
def _started(ray: Any, workers: int | None) -> Iterator[None]:
    if ray.is_initialized():
        yield
        return
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    # Ray's sockets lie in it, and their names must be short: so it is not in the folder of the run.
    folder = tempfile.mkdtemp(prefix="halueval-ray-")
    main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    try:
        try:
            if os.environ.get("RAY_ADDRESS"):
                ray.init(**quiet)
            else:
                ray.init(
                    address="local",
                    num_cpus=max(workers or 0, len(os.sched_getaffinity(0))),
                    object_store_memory=OBJECT_STORE,
                    include_dashboard=False,
                    _temp_dir=folder,
                    **quiet,
                )
        except Exception as error:  # Ray raises whatever it likes
            where = os.environ.get("RAY_ADDRESS", "on this machine")
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise RunError(f"Ray cannot be started or reached ({where}): {reason}") from error
        finally:
            if main and before is not None:  # Ray has taken it; who stops the run has a say in how
                signal.signal(signal.SIGTERM, before)
        yield
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _quiet(context: Any) -> Iterator[None]:
    """Ray Data without bars and announcements of its own, as it was before when we have done."""
    names = ("enable_progress_bars", "print_on_execution_start")
    before = {name: getattr(context, name) for name in names if hasattr(context, name)}
    try:
        for name in before:
            setattr(context, name, False)
        yield
    finally:
        for name, value in before.items():
            setattr(context, name, value)
