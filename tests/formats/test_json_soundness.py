"""Objects that are seen to be sound together are those that are read one by one."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue
from hashmatch.formats.json_soundness import unsound
from hashmatch.formats.json_text import OBJECT, decode

NUMBERS = st.one_of(
    st.from_regex(r"-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,4})?([eE][+-]?[0-9]{1,4})?", fullmatch=True),
    st.integers(150, 420).map("9".__mul__),
    st.tuples(st.integers(1, 400), st.integers(0, 400)).map(lambda sizes: f"1{'0' * sizes[0]}.5e{sizes[1]}"),
)
TEXTS = st.one_of(
    st.text(max_size=9).map(lambda text: text.replace('"', "").replace("\\", "")), st.just("7e304d189e999")
)
VALUES = st.one_of(
    NUMBERS, TEXTS.map('"{}"'.format), st.lists(NUMBERS, max_size=3).map(lambda some: f"[{', '.join(some)}]")
)
OBJECTS = st.lists(st.tuples(st.sampled_from(["", " ", "\t"]), VALUES), max_size=4).map(
    lambda pairs: "{" + ",".join(f'"k{at}":{blank}{value}' for at, (blank, value) in enumerate(pairs)) + "}"
)


def is_sound(text: str | None) -> bool:
    if text is None:
        return True
    try:
        decode(text.encode(), OBJECT)
    except InvalidValue:
        return False
    return True


@given(st.lists(st.none() | OBJECTS, max_size=12), st.integers(0, 3))
def test_the_same_as_one_by_one(texts: list[str | None], first: int) -> None:
    column = pa.array(texts, pa.string()).slice(first)
    assert unsound(column).tolist() == [not is_sound(text) for text in texts[first:]]


@pytest.mark.parametrize(
    "number", ["1e309", "-1E+309", "1e0400", f"{'9' * 250}e99", "1" * 199 + "e200", "1" * 299 + "e20"]
)
@pytest.mark.parametrize("around", ["{}", " {}", "[{}]", "[1,{}]", "[1, {} ]"])
def test_a_number_beyond_all_measure_is_found(number: str, around: str) -> None:
    texts = ["{}", f'{{"a":"{300 * "x"}"}}', f'{{"a":{around.format(number)}}}', "{}"]
    assert not is_sound(texts[2])
    assert unsound(pa.array(texts)).tolist() == [False, False, True, False]


def test_sound_objects_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.formats.json_soundness._is_sound", lambda text: pytest.fail(text))
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(500)]
    assert sum("e30" in digest or "e12" in digest for digest in digests) > 0
    assert not unsound(pa.array([f'{{"a":"{digest}","b":[1,2.5e3]}}' for digest in digests])).any()
