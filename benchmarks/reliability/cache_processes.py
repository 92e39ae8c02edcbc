"""One cache under many processes, and under damage: nothing lost, nobody locked out, never a wrong reply.

First, PROCESSES processes share one cache of KEYS replies: each looks for every key, in an order of its own, keeps the
reply of those that nobody has kept, and waits until it is on the disk. Lost is a reply that was acknowledged and isn't
found afterwards; any error counts, "database is locked" apart. Then the file is damaged, again and again from the same
copy: FLIPS times in one bit anywhere, TRUNCATIONS times cut off anywhere; half of each as a kill leaves it, with a log
beside the file, and there both are damaged in turn. Each time it is opened, every key is looked for, and one more reply
is kept. Wrong is a reply that isn't the one that was kept; unnamed is a damage that made an entry go without a word, as
cutting the end off a log does, after which it looks as if nothing had come after.

Exits with 1 if anything was lost, wrong or raised, or anybody was locked out.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from halueval.errors import RunError
from halueval.records import ChatReply, ChatRequest
from halueval.runs.cache import CallCache, call_key

FILE = "calls.sqlite"


def key_of(number: int) -> str:
    request = ChatRequest(({"role": "user", "content": f"Question {number}?"},))
    return call_key(request, model="m", endpoint="", options={}, repeat=0)


def reply_of(number: int) -> ChatReply:
    """A reply as a judge's: some hundred to some thousand characters, some with a page of thoughts."""
    text = f"Answer {number}. " + "The evidence says so. " * (number % 40)
    return ChatReply(text, "Let me see. " * (number % 7 * 60), "stop", "m", 700 + number, number % 300, dollars=0.001)


def work(
    place: str, keys: list[str], seed: int, reports: multiprocessing.Queue[tuple[Counter[str], list[float]]]
) -> None:
    counts: Counter[str] = Counter()
    waits = []
    order = list(range(len(keys)))
    random.Random(seed).shuffle(order)
    try:
        with CallCache(place) as cache:
            for start in range(0, len(order), 16):  # as many calls as a process may have under way
                kept = []
                for number in order[start : start + 16]:
                    found = cache.reply(keys[number])
                    counts["found" if found else "kept"] += 1
                    counts["wrong"] += found is not None and found != reply_of(number)
                    if found is None:
                        kept.append(cache.keep(keys[number], reply_of(number), model="m", stage="verification"))
                began = time.perf_counter()
                for done in kept:
                    done.result()
                if kept:
                    waits.append(time.perf_counter() - began)
            counts["put aside"] += len(cache.set_aside())
    except Exception as error:
        counts["locked" if "lock" in str(error) else "errors"] += 1
        traceback.print_exc()
    reports.put((counts, waits))


def share(folder: Path, processes: int, keys: list[str]) -> bool:
    context = multiprocessing.get_context("spawn")
    reports: multiprocessing.Queue[tuple[Counter[str], list[float]]] = context.Queue()
    workers = [context.Process(target=work, args=(str(folder / FILE), keys, n, reports)) for n in range(processes)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    counts: Counter[str] = Counter()
    waits: list[float] = []
    for _ in workers:
        count, waited = reports.get()
        counts += count
        waits += waited
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - began
    with CallCache(folder / FILE) as cache:
        lost = sum(cache.reply(key) != reply_of(number) for number, key in enumerate(keys))
        aside = len(cache.set_aside())
        size = cache.stats().bytes
    waits.sort()
    print(f"{processes} processes, {len(keys):,} keys: {seconds:.1f} s with starting them, {size / 1e6:.1f} MB")
    print(f"  looked for {counts['found'] + counts['kept']:,}, kept {counts['kept']:,}, wrong {counts['wrong']}")
    print(f"  lost {lost}, locked {counts['locked']}, other errors {counts['errors']}, put aside {aside}")
    print(f"  waiting for the disk, 16 replies at once: median {1000 * waits[len(waits) // 2]:.0f} ms, ", end="")
    print(f"95 % within {1000 * waits[len(waits) * 95 // 100]:.0f} ms, at most {1000 * waits[-1]:.0f} ms")
    return not (lost or counts["locked"] or counts["errors"] or counts["wrong"] or aside)


def copies(folder: Path, keys: list[str]) -> list[Path]:
    """The cache as a run leaves it that ended, and one that a kill left: with the last commits in a log."""
    ended, killed = folder / "ended", folder / "killed"
    for copy in (ended, killed):
        copy.mkdir()
    path = folder / "damage.sqlite"
    with CallCache(path) as cache:
        for number, key in enumerate(keys):
            done = cache.keep(key, reply_of(number), model="m", stage="verification")
            if number % 20 == 19:
                done.result()
            if number == len(keys) * 4 // 5:  # the rest is in the log, which begins here
                done.result()
                emptied = sqlite3.connect(path)
                emptied.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                emptied.close()
        done.result()
        for end in ("", "-wal"):
            shutil.copyfile(folder / f"damage.sqlite{end}", killed / f"{FILE}{end}")
    shutil.copyfile(folder / "damage.sqlite", ended / FILE)
    return [ended, killed]


def damages(places: list[Path], flips: int, truncations: int, seed: int) -> Iterator[tuple[str, Path, str, bytes]]:
    chance = random.Random(seed)
    for number in range(flips + truncations):
        place = places[number % 2]
        files = sorted(file.name for file in place.iterdir())
        name = files[number // 2 % len(files)]
        raw = bytearray((place / name).read_bytes())
        if number < flips:
            raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
            yield "flip", place, name, bytes(raw)
        else:
            yield "truncation", place, name, bytes(raw[: chance.randrange(len(raw))])


def damage(folder: Path, keys: list[str], flips: int, truncations: int, seed: int) -> bool:
    places = copies(folder, keys)
    counts: dict[str, Counter[str]] = {}
    fewest: dict[str, float] = {}
    for kind, place, name, raw in damages(places, flips, truncations, seed):
        trial = folder / "trial"
        shutil.rmtree(trial, ignore_errors=True)
        shutil.copytree(place, trial)
        (trial / name).write_bytes(raw)
        what = f"{kind} of {'a log' if name.endswith('-wal') else 'a file'}"
        count = counts.setdefault(what, Counter())
        count["times"] += 1
        try:
            with CallCache(trial / FILE) as cache:
                found = [cache.reply(key) for key in keys]
                named = cache.set_aside()
                cache.keep("another", ChatReply("Yes."), model="m", stage="verification").result()
                count["stopped"] += cache.reply("another") is None
            count["wrong"] += sum(r is not None and r != reply_of(n) for n, r in enumerate(found))
            gone = sum(reply is None for reply in found)
            count["gone"] += gone
            count["unnamed"] += bool(gone and not named)
            count["file set aside"] += any(".damaged" in line for line in named)
            left = len(raw) / (place / name).stat().st_size if what == "truncation of a file" else 1.0
            fewest[what] = min(fewest.get(what, 9.9), (len(keys) - gone) / len(keys) / max(left, 1e-9))
        except RunError as error:
            count["refused"] += 1
            print(f"  refused: {error}")
        except Exception:
            count["raised"] += 1
            traceback.print_exc()
    ok = True
    print(f"damage to a cache of {len(keys):,} replies:")
    for what, count in counts.items():
        print(
            f"  {count['times']} times {what}: {count['wrong']} wrong replies, {count['raised']} tracebacks,", end=" "
        )
        print(f"{count['refused']} refused, {count['stopped']} went on without keeping;", end=" ")
        print(f"{count['gone']:,} replies gone in all, {count['file set aside']} files set aside,", end=" ")
        print(f"{count['unnamed']} times replies gone unnamed; at worst {fewest.get(what, 0.0):.3f} kept", end=" ")
        print("of those still there" if what == "truncation of a file" else "of all")
        ok = ok and not (count["wrong"] or count["raised"] or count["stopped"])
    return ok


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--keys", type=int, default=10_000)
    parser.add_argument("--flips", type=int, default=100)
    parser.add_argument("--truncations", type=int, default=20)
    parser.add_argument("--damaged-keys", type=int, default=2_000, help="replies in the file that is damaged")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # what is put aside is counted here
    keys = [key_of(number) for number in range(options.keys)]
    with tempfile.TemporaryDirectory() as name:
        shared = share(Path(name), options.processes, keys)
        sound = damage(Path(name), keys[: options.damaged_keys], options.flips, options.truncations, options.seed)
    print("holds" if shared and sound else "BROKEN")
    sys.exit(0 if shared and sound else 1)


if __name__ == "__main__":
    main()
