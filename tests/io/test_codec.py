"""Records to JSON and back: what comes back is what was there, for every shape that a record has."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.io.codec import decode, encode
from halueval.io.json_schema import definition, schema
from halueval.io.records import FieldError
from halueval.records import ChatReply, Cost, TokenLogprob

ANY_FLOAT = st.floats(allow_nan=False)
TOKENS = st.builds(TokenLogprob, st.text(), ANY_FLOAT, st.lists(st.tuples(st.text(), ANY_FLOAT), max_size=3).map(tuple))
REPLIES = st.builds(
    ChatReply, st.text(), dollars=st.none() | ANY_FLOAT, logprobs=st.lists(TOKENS, max_size=3).map(tuple)
)


@given(REPLIES | st.builds(Cost, dollars=st.none() | ANY_FLOAT))
def test_a_record_comes_back_as_it_was(record: ChatReply | Cost) -> None:
    assert decode(type(record), json.loads(json.dumps(encode(record)))) == record


@pytest.mark.parametrize("top", [[["a"]], [["a", -1.0, 2]], ["a"], [["a", "b"]], [[-1.0, "a"]]])
def test_a_tuple_of_fixed_length_has_that_length_and_those_types(top: object) -> None:
    with pytest.raises(FieldError, match="found"):
        decode(TokenLogprob, ["a", -1.0, top])
    assert schema(tuple[str, float])["maxItems"] == 2


def test_what_there_are_thousands_of_is_a_row() -> None:
    token = TokenLogprob("Yes", -0.5, (("Yes", -0.5), ("No", float("-inf"))))
    assert encode(token) == ["Yes", -0.5, [["Yes", -0.5], ["No", "-inf"]]]
    jsonschema.validate(encode(token), definition(TokenLogprob))
    with pytest.raises(FieldError, match="a list of 2"):
        decode(TokenLogprob, ["Yes", -0.5])


@pytest.mark.parametrize("whole", [1, 1.0, 0, 10**20])
def test_a_whole_number_is_written_alike_before_and_after_it_was_read(whole: float) -> None:
    written = json.dumps(encode(Cost(dollars=whole)))
    assert json.dumps(encode(decode(Cost, json.loads(written)))) == written
