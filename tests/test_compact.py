"""Numbers and texts in few bytes say what lists and dicts of them would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halueval.compact import Numbering, Numbers

# texts of which many come again, among them some that a damaged file holds and that UTF-8 has no bytes for
texts = st.lists(
    st.one_of(st.sampled_from(["", "a", "b", "a#2", "\ud800", "ä" * 40]), st.text(max_size=3)), max_size=60
)


@given(st.lists(st.one_of(st.integers(0, 300), st.integers(0, 2**64 - 1))))
def test_numbers_are_those_of_a_list(values: list[int]) -> None:
    numbers = Numbers()
    for value in values:
        numbers.append(value)
    assert (len(numbers), [numbers[place] for place in range(len(values))]) == (len(values), values)


@given(st.lists(st.integers(0, 2**40), min_size=1), st.data())
def test_a_number_is_replaced_as_in_a_list(values: list[int], data: st.DataObject) -> None:
    numbers = Numbers()
    for _ in values:
        numbers.append(0)
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(values) - 1), st.sampled_from(values)))):
        numbers[place] = values[place] = value
        assert numbers[place] == value


@pytest.mark.parametrize(("largest", "width"), [(255, 1), (256, 2), (65_535, 2), (65_536, 4), (2**32, 8)])
def test_numbers_are_as_wide_as_the_largest_needs(largest: int, width: int) -> None:
    numbers = Numbers()
    numbers.append(largest)
    assert numbers.view().itemsize == width


@pytest.mark.parametrize("number", [-1, 2**64])
def test_what_no_number_of_eight_bytes_is_is_refused(number: int) -> None:
    with pytest.raises(OverflowError, match=r"from 0 to 2\*\*64 - 1"):
        Numbers().append(number)


@pytest.mark.parametrize("later", [7, 1_000])
def test_what_was_looked_at_stays_as_it_was(later: int) -> None:
    numbers = Numbers()
    numbers.append(5)
    seen = np.asarray(numbers.view())
    numbers.append(later)
    assert (seen.tolist(), list(numbers.view())) == ([5], [5, later])


@given(texts)
def test_texts_are_numbered_as_a_dict_numbers_them(given_texts: list[str]) -> None:
    numbering, known = Numbering(), dict[str, int]()
    for text in given_texts:
        assert numbering.find(text) == known.get(text)
        assert numbering.number(text) == known.setdefault(text, len(known))
        assert len(numbering) == len(known)
    assert all(numbering.find(text) == number for text, number in known.items())


def test_many_texts_keep_their_numbers_while_room_is_made() -> None:
    numbering = Numbering()
    assert [numbering.number(f"answer {n}") for n in range(5_000)] == list(range(5_000))
    assert [numbering.find(f"answer {n}") for n in range(5_000)] == list(range(5_000))
