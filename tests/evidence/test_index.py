"""The index: what is found, how it is traced, how it grows, and what happens when something goes wrong."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from halueval.errors import CorpusError, IndexCorruptError, OutputError
from halueval.evidence import Document, Index, build_index, index_documents, open_index
from halueval.protocols import Retriever
from halueval.records import Evidence

DOCUMENTS = [
    Document(
        "ibu",
        "Ibuprofen is taken with food. It can upset the stomach.",
        "Ibuprofen",
        "Label",
        "CC0",
        "2024",
        "https://e.org/ibu",
    ),
    Document("war", "Bleeding is more likely when it is combined with ibuprofen. The INR is monitored.", "Warfarin"),
    Document("lev", "It is taken on an empty stomach. Calcium makes it less effective.", "Levothyroxine"),
    Document("met", "Nausea and diarrhoea are common. The dose is 500 mg twice a day.", "Metformin"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(DOCUMENTS, tmp_path_factory.mktemp("built") / "index").path


@pytest.fixture
def index(built: Path, tmp_path: Path) -> Index:
    return open_index(shutil.copytree(built, tmp_path / "index"))  # building waits for the disk, copying does not


def ids(hits: list[Evidence]) -> list[str]:
    return [hit.doc_id for hit in hits]


def test_it_is_a_retriever(index: Index) -> None:
    assert isinstance(index, Retriever)
    assert index.name == "bm25"


def test_evidence_can_be_traced_to_its_characters_and_its_source(index: Index) -> None:
    [hit, *_] = index.search(["Is ibuprofen taken with food?"], 5)[0]
    document = DOCUMENTS[0]
    assert document.text[hit.span.start : hit.span.end] == hit.text
    assert (hit.doc_id, hit.title, hit.source) == ("ibu", "Ibuprofen", "Label")
    assert (hit.licence, hit.date, hit.url) == ("CC0", "2024", "https://e.org/ibu")
    assert hit.snapshot == index.snapshot


def test_hits_are_ranked_from_one_by_falling_score(index: Index) -> None:
    hits = index.search(["ibuprofen stomach food"], 5)[0]
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    scores = [hit.score for hit in hits if hit.score is not None]
    assert len(scores) == len(hits) > 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Levothyroxine", "lev"),  # said in the title only
        ("METFORMIN dosing: 500mg? 500 mg!", "met"),
        ("stomachs that are empty", "lev"),  # stems
        ("bleed", "war"),
    ],
)
def test_words_are_found_by_their_stems_in_title_and_text(index: Index, query: str, first: str) -> None:
    assert ids(index.search([query], 1)[0]) == [first]


@pytest.mark.parametrize(
    "query", ["", " ", "?!", "\x00", "\ud800", "xyzzy", "🙂", "x" * 200_000], ids=lambda q: repr(q)[:12]
)
def test_a_query_without_a_word_of_the_corpus_has_no_hits(index: Index, query: str) -> None:
    assert index.search([query], 5) == [[]]


@pytest.mark.parametrize(
    "query",
    [
        'ibuprofen AND NOT "',
        "words:ibuprofen^1000 OR number:[0 TO 9]",
        "(((((ibuprofen",
        "-ibuprofen",
        "ibuprofen~3 ibuprof* /.*/",
        'IN ["ibuprofen"] \\',
    ],
)
def test_nothing_in_a_query_is_an_operator(index: Index, query: str) -> None:
    assert set(ids(index.search([query], 5)[0])) >= {"ibu", "war"}


def test_a_query_of_any_length_is_answered(index: Index) -> None:
    noise = " ".join(f"word{n} it is" for n in range(100_000))
    started = time.perf_counter()
    assert ids(index.search([f"{noise} ibuprofen with food"], 1)[0]) == ["ibu"]
    assert time.perf_counter() - started < 60


def test_queries_are_answered_in_order_and_one_by_one_alike(index: Index) -> None:
    queries = ["warfarin", "", "metformin dose", "stomach"]
    assert index.search(queries, 3) == [index.search([query], 3)[0] for query in queries]
    assert index.search([], 3) == []


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": 3, "by": "sentence"}])
def test_a_wrong_argument_says_what_was_wanted(index: Index, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="wanted"):
        index.search(["x"], **wrong)  # type: ignore[arg-type]


def test_by_document_lists_each_document_once_with_its_best_passage() -> None:
    filler = "The leaflet has more pages about other things. " * 30
    long = Document("long", f"{filler}Grapefruit raises the level of simvastatin. {filler}", "Leaflet")
    index = index_documents([long, Document("short", "Grapefruit is a fruit.")])
    hits = index.search(["grapefruit simvastatin level"], 10, by="document")[0]
    assert ids(hits) == ["long", "short"]
    assert "Grapefruit raises" in hits[0].text
    passages = index.search(["grapefruit leaflet page"], 50)[0]
    assert ids(passages).count("long") > 3


def test_by_document_finds_the_passage_of_documents_beyond_the_best_passages() -> None:
    filler = "Nothing is said here about it at all, only words that fill the page. " * 12
    documents = [Document(f"d{n}", f"{filler}Aspirin {'aspirin ' * (n % 5)}helps. {filler}") for n in range(60)]
    crowd = Document("crowd", "Aspirin aspirin aspirin aspirin. " * 2000)
    hits = index_documents([crowd, *documents]).search(["aspirin"], 30, by="document")[0]
    assert len(set(ids(hits))) == len(hits) == 30
    assert all("spirin" in hit.text for hit in hits)


def test_equal_scores_keep_the_order_of_the_documents() -> None:
    documents = [Document(f"d{n}", "Aspirin helps.") for n in range(500)]
    index = index_documents(documents[:300])
    for start in range(300, 500, 50):  # several segments
        index.add(documents[start : start + 50])
    again = open_index(index.path)
    for k in (1, 10):
        assert index.search(["aspirin"], k) == again.search(["aspirin"], k)
    assert ids(index.search(["aspirin"], 500)[0]) == [document.doc_id for document in documents]


def test_a_claim_the_corpus_is_not_about_finds_nothing_above_the_floor(index: Index) -> None:
    claim = "The train to the coast is taken with pleasure"
    assert index.search([claim], 5)[0]
    assert index.search([claim], 5, min_coverage=0.5) == [[]]
    assert index.search([claim], 5, min_coverage=0.5, by="document") == [[]]
    assert index.with_min_coverage(0.5).search([claim], 5) == [[]]
    kept = "Ibuprofen can upset the stomach."
    assert index.search([kept], 5, min_coverage=0.5) == index.search([kept], 5)


def test_the_snapshot_is_that_of_the_documents_whatever_their_order_or_place(tmp_path: Path, index: Index) -> None:
    assert build_index(DOCUMENTS[::-1], tmp_path / "other", passage_words=5).snapshot == index.snapshot
    grown = build_index(DOCUMENTS[:2], tmp_path / "grown")
    assert grown.snapshot != index.snapshot
    grown.add(DOCUMENTS[2:])
    assert grown.snapshot == index.snapshot
    assert {hit.snapshot for hit in grown.search(["stomach"], 5)[0]} == {index.snapshot}


def test_the_same_corpus_gives_the_same_rows(tmp_path: Path, index: Index) -> None:
    build_index(DOCUMENTS, tmp_path / "again")
    for file in index.path.glob("*.*"):
        if file.name != "halueval-index.json":  # it has the sizes of tantivy's files, whose names are drawn
            assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


def test_added_documents_are_found_at_once_and_after_opening(index: Index) -> None:
    before = index.snapshot
    assert index.add([{"doc_id": "ome", "text": "Omeprazole is taken before breakfast."}, {"text": ""}]) == 1
    for each in (index, open_index(index.path)):
        assert ids(each.search(["omeprazole"], 3)[0]) == ["ome"]
        assert ids(each.search(["ibuprofen with food"], 1)[0]) == ["ibu"]
        assert (len(each), each.set_aside) == (5, 1)
        assert each.snapshot != before


def test_adding_an_id_that_is_there_is_refused_by_name_and_changes_nothing(index: Index) -> None:
    before = index.snapshot
    with pytest.raises(CorpusError, match=r"already in the index: 'ibu', 'lev'.*leave them out"):
        index.add([Document("new", "Omeprazole."), Document("ibu", "Other text."), Document("lev", "Other text.")])
    again = open_index(index.path)
    assert (again.snapshot, len(again)) == (before, 4)
    assert again.search(["omeprazole"], 3) == [[]]
    assert index.add([Document("new", "Omeprazole.")]) == 1


def test_two_writers_do_not_mix(index: Index) -> None:
    writer = index._by_passage.writer()
    with pytest.raises(OutputError, match="another process may be adding"):
        open_index(index.path).add([Document("new", "Omeprazole.")])
    writer.abandon()
    assert index.add([Document("new", "Omeprazole.")]) == 1


def test_what_another_object_added_is_seen_when_adding(index: Index) -> None:
    other = open_index(index.path)
    other.add([Document("ome", "Omeprazole is taken before breakfast.")])
    with pytest.raises(CorpusError, match="'ome'"):
        index.add([Document("ome", "Again.")])
    index.add([Document("pan", "Pantoprazole is much the same.")])
    assert len(open_index(index.path)) == len(index) == 6


def test_an_add_that_was_stopped_before_its_last_step_has_happened(index: Index) -> None:
    manifest = index.path / "halueval-index.json"
    old = manifest.read_bytes()
    index.add([Document("ome", "Omeprazole is taken before breakfast.")])
    manifest.write_bytes(old)
    again = open_index(index.path)
    assert (len(again), again.snapshot) == (5, index.snapshot)
    assert ids(again.search(["omeprazole"], 3)[0]) == ["ome"]


def test_an_add_that_was_stopped_before_it_was_published_has_not(index: Index, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    shutil.copytree(index.path, kept)
    index.add([Document("ome", "Omeprazole is taken before breakfast.")])
    for name in ("by_passage", "halueval-index.json"):  # as if all but the publishing had been done
        target = index.path / name
        shutil.rmtree(target) if target.is_dir() else target.unlink()
        shutil.copytree(kept / name, target) if (kept / name).is_dir() else shutil.copy(kept / name, target)
    again = open_index(index.path)
    assert len(again) == 4
    assert again.search(["omeprazole"], 3, by="document") == [[]]
    again.add([Document("pan", "Pantoprazole is taken before breakfast.")])
    assert ids(again.search(["breakfast omeprazole pantoprazole"], 3, by="document")[0]) == ["pan"]
    assert again._by_document.count == 5


def test_a_thousand_documents_are_added_in_seconds_and_found(index: Index) -> None:
    assert index.add([Document(f"n{n}", f"Drug{n} is given once a day.") for n in range(1000)]) == 1000
    assert ids(index.search(["drug777"], 3)[0]) == ["n777"]
    assert ids(index.search(["ibuprofen with food"], 1)[0]) == ["ibu"]


def test_a_new_build_replaces_an_index_but_nothing_else(tmp_path: Path, index: Index) -> None:
    assert len(build_index(DOCUMENTS[:1], index.path)) == 1
    assert len(open_index(index.path)) == 1
    with pytest.raises(CorpusError):
        build_index([], index.path)
    assert len(open_index(index.path)) == 1  # what was there stays
    thesis = tmp_path / "thesis"
    thesis.mkdir()
    (thesis / "chapter.txt").write_text("mine")
    with pytest.raises(OutputError, match="a folder that is not an index is there"):
        build_index(DOCUMENTS, thesis)
    with pytest.raises(OutputError, match="a file is there"):
        build_index(DOCUMENTS, thesis / "chapter.txt")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["index", "thesis"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 99}, "version 99 of the format; wanted: version 1.*install a newer halueval"),
        ({"version": 0}, "version 0 of the format; wanted: version 1.*build the index again"),
        ({"format": "other"}, "format 'other'; wanted: halueval-index"),
        ({"documents": "many"}, "the manifest cannot be read"),
        ({"passages": 10_000}, "passages where 10000 were written"),
        ({"files": []}, "the manifest cannot be read"),
    ],
)
def test_a_manifest_that_is_not_ours_is_named(index: Index, change: dict[str, object], message: str) -> None:
    path = index.path / "halueval-index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(IndexCorruptError, match=message):
        open_index(index.path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_broken_manifest_is_named(index: Index, content: bytes) -> None:
    (index.path / "halueval-index.json").write_bytes(content)
    with pytest.raises(IndexCorruptError, match=r"halueval-index\.json: the manifest cannot be read"):
        open_index(index.path)


def test_every_file_that_is_missing_or_cut_short_is_noticed(tmp_path: Path, index: Index) -> None:
    files = [file.relative_to(index.path) for file in index.path.rglob("*") if file.is_file()]
    harmless = {".managed.json", ".tantivy-writer.lock", ".tantivy-meta.lock"}
    checked = [file for file in files if file.name not in harmless and (index.path / file).stat().st_size]
    assert len(checked) > 12
    for number, file in enumerate(checked):
        for damage in ("missing", "cut"):
            copy = tmp_path / f"{number}-{damage}"
            shutil.copytree(index.path, copy)
            content = (copy / file).read_bytes()
            if damage == "missing":
                (copy / file).unlink()
            else:
                (copy / file).write_bytes(content[: len(content) // 2])
            with pytest.raises(IndexCorruptError) as caught:
                pytest.fail(f"{file} {damage}: {open_index(copy)}")
            assert str(copy) in str(caught.value)


def test_changed_bytes_never_end_in_anything_but_an_answer_or_a_clear_error(tmp_path: Path, index: Index) -> None:
    for number, file in enumerate(sorted(f.relative_to(index.path) for f in index.path.rglob("*.*") if f.is_file())):
        copy = tmp_path / str(number)
        shutil.copytree(index.path, copy)
        content = bytearray((copy / file).read_bytes())
        content[len(content) // 3 : len(content) // 3 + 8] = b"\xff" * 8
        (copy / file).write_bytes(content)
        try:
            damaged = open_index(copy)
            damaged.search(["ibuprofen stomach dose"], 5)
            damaged.search(["ibuprofen stomach dose"], 5, by="document", min_coverage=0.2)
        except IndexCorruptError as error:
            assert str(copy) in str(error)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "no such folder"),
        (lambda path: path.write_text("x"), "a file; wanted: a folder made by"),
        (lambda path: path.mkdir(), "not a halueval index: halueval-index.json is not in it"),
    ],
    ids=["nothing", "file", "empty folder"],
)
def test_what_is_no_index_is_named(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "it"
    make(path)  # type: ignore[operator]
    with pytest.raises(IndexCorruptError, match=message):
        open_index(path)


def test_other_processes_find_the_same(index: Index) -> None:
    asked = ["ibuprofen with food"]
    # An executor, since a pool whose worker cannot start waits for ever.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert pool.submit(index.search, asked, 3).result(timeout=60) == index.search(asked, 3)
    assert pickle.loads(pickle.dumps(index.with_min_coverage(0.5))).min_coverage == 0.5  # noqa: S301


def test_a_temporary_index_goes_with_its_last_user() -> None:
    index = index_documents(DOCUMENTS)
    path = index.path
    other = index.with_min_coverage(0.2)
    del index
    assert ids(other.search(["warfarin"], 1)[0]) == ["war"]
    assert path.exists()
    del other
    assert not path.parent.exists()


def test_an_index_that_may_only_be_read_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index"
    build_index(DOCUMENTS, folder)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root, whom a CI often is, may write anywhere
    before = sorted(p.name for p in (folder / "by_passage").iterdir())
    opened = open_index(folder)
    assert ids(opened.search(["warfarin"], 1)[0]) == ["war"]
    assert sorted(p.name for p in (folder / "by_passage").iterdir()) == before
    with pytest.raises(OutputError, match="not allowed"):
        opened.add([Document("new", "Rest helps.")])
