"""The commands do what their help says, alone and one after the other."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import halueval

Cli = Callable[..., Result]
LINES = ("--extractor", "halueval.testing:LineExtractor")
AGREE = ("--verifier", "my_plugins:Agree")

ANSWERS = [
    {"id": "a", "question": "What is aspirin?", "answer": "Aspirin is a drug.\nAspirin cures every cold."},
    {"id": "b", "question": "Is water wet?", "answer": "? Shall we see"},
]
CORPUS = [
    {
        "doc_id": "aspirin",
        "text": "Aspirin is a drug. It does not cure a cold.",
        "title": "Aspirin",
        "source": "Example",
    },
    {"doc_id": "water", "text": "Water is a liquid.", "title": "Water", "source": "Example"},
]


def write(name: str, rows: list[dict[str, object]]) -> str:
    data = "".join(json.dumps(r) + "\n" for r in rows).encode()
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return name


def read(name: str) -> list[dict[str, object]]:
    data = Path(name).read_bytes()
    text = (gzip.decompress(data) if name.endswith(".gz") else data).decode()
    return [json.loads(line) for line in text.splitlines()]


def done(result: Result) -> Result:
    assert result.exit_code == 0, (result.output, result.exception)
    return result


@pytest.mark.parametrize(
    "command",
    [(), ("run",), ("report",), ("demo",), ("extract",), ("verify",), ("doctor",), ("index", "build"), ("index", "add"),
     ("index", "search"), ("generate",), ("extractors", "compare")],
)  # fmt: skip
def test_every_command_explains_itself_with_an_example(command: tuple[str, ...], cli: Cli) -> None:
    shown = done(cli(*command, "--help")).stdout
    assert "\n    halueval " + " ".join(command) in shown.replace("index INDEX", "index")


def test_the_version_is_printed(cli: Cli) -> None:
    assert done(cli("--version")).stdout == f"halueval {halueval.__version__}\n"


def test_the_help_imports_nothing_heavy() -> None:
    """Measured by what is imported, since seconds on a shared machine say little."""
    code = (
        "import sys\nfrom typer.testing import CliRunner\nfrom halueval.cli.app import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "heavy = 'spacy numpy pandas datasets sklearn pyarrow pydantic litellm rich'.split()\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    started = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
    assert time.monotonic() - started < 20


def test_extract_writes_a_line_per_answer_with_exact_spans(cli: Cli) -> None:
    result = done(cli("extract", write("answers.jsonl", ANSWERS), "-o", "claims.jsonl", *LINES))
    first, second = read("claims.jsonl")
    assert [c["text"] for c in first["claims"]] == ["Aspirin is a drug.", "Aspirin cures every cold."]  # type: ignore[attr-defined]
    assert [c["spans"] for c in first["claims"]] == [[[0, 18]], [[19, 44]]]  # type: ignore[attr-defined]
    assert [(c["checkworthy"], c["reason"]) for c in second["claims"]] == [(False, "question")]  # type: ignore[attr-defined]
    assert "text from 'answer' (guessed)" in result.stderr


def test_extract_reads_packed_and_writes_packed_and_to_standard_output(cli: Cli) -> None:
    write("answers.jsonl.gz", ANSWERS)
    done(cli("extract", "answers.jsonl.gz", "-o", "claims.jsonl.gz", *LINES))
    shown = done(cli("extract", "answers.jsonl.gz", "-o", "-", *LINES)).stdout
    assert [json.loads(line) for line in shown.splitlines()] == read("claims.jsonl.gz")


def test_the_steps_compose_to_verdicts(cli: Cli) -> None:
    done(cli("extract", write("answers.jsonl", ANSWERS), "-o", "claims.jsonl", *LINES))
    built = done(cli("index", "build", write("corpus.jsonl.gz", CORPUS), "-o", "index"))
    assert "2 documents" in built.stdout
    done(cli("index", "search", "index", "claims.jsonl", "--pairs", "-k", 3, "-o", "pairs.jsonl"))
    done(cli("verify", "pairs.jsonl", "-o", "verdicts.jsonl", *AGREE))
    pairs, verdicts = read("pairs.jsonl"), read("verdicts.jsonl")
    assert [p["claim"] for p in pairs] == ["Aspirin is a drug.", "Aspirin cures every cold."]
    assert [(v["id"], v["label"]) for v in verdicts] == [(pairs[0]["id"], "supported"), (pairs[1]["id"], "refuted")]


def test_search_gives_each_document_once_with_the_characters_of_its_best_passage(cli: Cli) -> None:
    long = {"doc_id": "long", "text": " ".join(f"Aspirin fact number {i} is said here." for i in range(200))}
    write("corpus.jsonl", [*CORPUS, long])
    done(cli("index", "build", "corpus.jsonl", "-o", "index"))
    write("queries.jsonl", [{"id": 7, "text": "aspirin fact"}, {"id": "none", "text": "zzzz"}])
    done(cli("index", "search", "index", "queries.jsonl", "-k", 10, "-o", "hits.jsonl"))
    done(cli("index", "search", "index", "queries.jsonl", "-k", 10, "--by", "passage", "-o", "passages.jsonl"))
    found, nothing = read("hits.jsonl")
    hits = found["hits"]
    assert (found["id"], nothing) == ("7", {"id": "none", "hits": []})
    assert [h["doc_id"] for h in hits] == ["long", "aspirin"]  # type: ignore[attr-defined]
    assert set(hits[0]) == {"doc_id", "score", "start", "end"}  # type: ignore[index]
    assert "Aspirin" in long["text"][hits[0]["start"] : hits[0]["end"]]  # type: ignore[index]
    assert len(read("passages.jsonl")[0]["hits"]) > 2  # type: ignore[arg-type]


def test_add_grows_an_index_and_refuses_a_document_that_is_there(cli: Cli) -> None:
    done(cli("index", "build", write("corpus.jsonl", CORPUS), "-o", "index"))
    assert (
        "1 added, 3 documents"
        in done(cli("index", "add", "index", write("more.jsonl", [{"text": "Ice is cold."}]))).stdout
    )
    again = cli("index", "add", "index", "corpus.jsonl")
    assert again.exit_code == 2 and "already in the index" in again.stderr


def test_a_corpus_with_some_bad_records_is_built_and_exit_3(cli: Cli) -> None:
    write("corpus.jsonl", [*CORPUS, {"doc_id": "empty", "text": ""}])
    built = cli("index", "build", "corpus.jsonl", "-o", "index")
    assert built.exit_code == 3
    assert "1 of 3 records" in built.stderr and "line 3" in built.stderr


def test_run_leaves_a_folder_that_report_reads(cli: Cli) -> None:
    write("answers.jsonl", ANSWERS), write("corpus.jsonl", CORPUS)
    ran = done(cli("run", "answers.jsonl", "--evidence", "corpus.jsonl", "-o", "runs/one", *LINES, *AGREE))
    assert "refuted" in ran.stdout
    done(cli("report", "runs/one", "--html", "r.html", "--markdown", "r.md", "--json", "r.json"))
    done(cli("report", "runs/one", "--claims", "claims.parquet"))
    done(cli("report", "runs/one", "--claims", "claims.jsonl"))
    assert json.loads(Path("r.json").read_text())["rates"]["refuted"]["value"] == 0.5
    assert "<html" in Path("r.html").read_text() and "Aspirin" in Path("r.md").read_text()
    import pandas

    labels = ["supported", "refuted", None]
    assert [row["label"] for row in read("claims.jsonl")] == labels
    assert (
        pandas.read_parquet("claims.parquet")["label"].astype(object).where(lambda s: s.notna(), None).tolist()
        == labels
    )


def test_run_takes_an_index_and_answers_that_bring_their_context(cli: Cli) -> None:
    write("answers.jsonl", ANSWERS), write("corpus.jsonl", CORPUS)
    done(cli("index", "build", "corpus.jsonl", "-o", "index"))
    done(cli("run", "answers.jsonl", "--evidence", "index", "-o", "one", *LINES, *AGREE))
    write("own.jsonl", [{"answer": "Ice is cold.", "context": ["Ice is cold."]}])
    done(cli("run", "own.jsonl", "-o", "two", *LINES, *AGREE))
    done(cli("report", "two", "--results", "two.jsonl"))
    [row] = read("two.jsonl")
    assert row["outcomes"][0]["label"] == "supported"  # type: ignore[index]


def test_answers_with_nothing_to_check_them_against_are_refused(cli: Cli) -> None:
    refused = cli("run", write("answers.jsonl", ANSWERS), "-o", "one", *LINES, *AGREE)
    assert refused.exit_code == 2 and "nothing to check the answers against" in refused.stderr
    assert not Path("one").exists()


def test_overwrite_replaces_a_run(cli: Cli) -> None:
    write("answers.jsonl", ANSWERS), write("corpus.jsonl", CORPUS)
    command = ("run", "answers.jsonl", "--evidence", "corpus.jsonl", "-o", "one", *LINES, *AGREE)
    done(cli(*command))
    refused = cli(*command, "-k", 3)
    assert refused.exit_code == 2 and "passages_per_claim: 5 then, 3 now" in refused.stderr
    done(cli(*command, "-k", 3, "--overwrite"))


def test_doctor_names_the_pipelines_and_the_plug_ins(cli: Cli) -> None:
    shown = done(cli("doctor")).stdout
    assert f"halueval {halueval.__version__} on Python" in shown
    for part in ("spacy 3.", "in use", "blank:en", "rules, sentences", "cascade"):
        assert part in shown
