"""Objects that are written anew together are what each is by itself."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue
from hashmatch.formats.json_canonical import canonical_objects
from hashmatch.formats.json_text import OBJECT, canonical, decode

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


def alone(text: str | None) -> str | None:
    """What a text is in canonical form; None if it is no object that can be read."""
    try:
        return None if text is None else canonical(decode(text.encode(), OBJECT))
    except InvalidValue:
        return None


@given(st.lists(st.none() | OBJECTS, max_size=12), st.integers(0, 3))
def test_the_same_as_one_by_one(texts: list[str | None], first: int) -> None:
    column = pa.array(texts, pa.string()).slice(first)
    written, bad = canonical_objects(column)
    assert written.to_pylist() == [alone(text) for text in texts[first:]]
    assert bad.tolist() == [text is not None and alone(text) is None for text in texts[first:]]


@pytest.mark.parametrize(
    "number", ["1e309", "-1E+309", "1e0400", f"{'9' * 250}e99", "1" * 199 + "e200", "1" * 299 + "e20"]
)
@pytest.mark.parametrize("around", ["{}", " {}", "[{}]", "[1,{}]", "[1, {} ]"])
def test_a_number_beyond_all_measure_is_found(number: str, around: str) -> None:
    texts = ["{}", f'{{"a":"{300 * "x"}"}}', f'{{"a":{around.format(number)}}}', "{}"]
    assert alone(texts[2]) is None
    written, bad = canonical_objects(pa.array(texts))
    assert written.to_pylist() == [*texts[:2], None, "{}"]
    assert bad.tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    "text",
    ["{", '{"c":1}{"d":1}', '{"a":1e400}', '{"a":NaN}', "{},{}", "{}\n{}", '{"a":"\n"}', '{"a":' * 100_000 + "}"],
    ids=lambda text: text[:12],
)
@pytest.mark.parametrize("around", [(), ("{}",)])
def test_what_is_no_object_spoils_no_other(text: str, around: tuple[str, ...]) -> None:
    written, bad = canonical_objects(pa.array([*around, text, *around]))
    assert bad.tolist() == [*([False] * len(around)), True, *([False] * len(around))]
    assert written.to_pylist() == [*around, None, *around]


def test_halves_make_no_whole() -> None:
    written, bad = canonical_objects(pa.array(['{"a":1}', '{"a":{}', '{"b":2}}', '{"e":1}']))
    assert written.to_pylist() == ['{"a":1}', None, None, '{"e":1}']
    assert bad.tolist() == [False, True, True, False]


@pytest.mark.parametrize("text", ['{ "b":1,\n"a":[1, 2.0] }', '{"b":1,"a":[1,2.0]}'])
def test_keys_are_sorted_and_blanks_go(text: str) -> None:
    written, bad = canonical_objects(pa.array([text, None, "{}"]))
    assert written.to_pylist() == ['{"a":[1,2.0],"b":1}', None, "{}"]
    assert not bad.any()


def test_objects_in_order_are_not_read_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hashmatch.formats.json_canonical._canonical", lambda text: pytest.fail(text))
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(500)]
    assert sum("e30" in digest or "e12" in digest for digest in digests) > 0
    column = pa.array([f'{{"a":"{digest}","b":[1,2.5e3]}}' for digest in digests])
    written, bad = canonical_objects(column)
    assert not bad.any()
    assert written.to_pylist() == [text.replace("2.5e3", "2500.0") for text in column.to_pylist()]
