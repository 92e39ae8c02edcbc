"""Answers in, results out: what is read and written, validated where bytes come in."""

from __future__ import annotations

from halueval.io.columns import Columns
from halueval.io.formats import (
    answer_line,
    claims_line,
    failure_line,
    hits_line,
    pair_line,
    result_from_dict,
    result_to_dict,
    schemas,
    verdict_line,
)
from halueval.io.gold import GoldPair, read_gold
from halueval.io.growing import GrowingFile
from halueval.io.pairs import Pair, Query, read_pairs, read_queries
from halueval.io.prompts import read_prompts
from halueval.io.records import Records
from halueval.io.responses import read_responses
from halueval.io.sources import how_many
from halueval.io.verdicts import read_verdicts
from halueval.io.writing import check_writable, write_jsonl, write_text

__all__ = [
    "Columns",
    "GoldPair",
    "GrowingFile",
    "Pair",
    "Query",
    "Records",
    "answer_line",
    "check_writable",
    "claims_line",
    "failure_line",
    "hits_line",
    "how_many",
    "pair_line",
    "read_gold",
    "read_pairs",
    "read_prompts",
    "read_queries",
    "read_responses",
    "read_verdicts",
    "result_from_dict",
    "result_to_dict",
    "schemas",
    "verdict_line",
    "write_jsonl",
    "write_text",
]
