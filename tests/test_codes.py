from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.codes import digest_codes, digest_column, hex_column, read_hex

SIZES = st.sampled_from([1, 8, 16, 32, 64])


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    size = draw(SIZES)
    rows = draw(st.lists(st.binary(min_size=size, max_size=size), max_size=8))
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), size)


@given(matrices(), st.integers(0, 3))
def test_columns_hold_the_codes_and_give_them_back(codes: np.ndarray, first: int) -> None:
    digests = digest_column(codes)
    texts = hex_column(digests)
    digests.validate(full=True)
    texts.validate(full=True)
    assert digests.to_pylist() == [code.tobytes() for code in codes]
    assert texts.to_pylist() == [code.tobytes().hex() for code in codes]
    if len(codes) > first:
        # A slice does not begin where its buffers do.
        assert digest_codes(digests.slice(first)).tolist() == codes[first:].tolist()


@given(matrices(), st.data())
def test_hexadecimal_is_read_as_python_reads_it(codes: np.ndarray, drawn: st.DataObject) -> None:
    texts = [code.tobytes().hex() for code in codes]
    texts = [text.upper() if drawn.draw(st.booleans()) else text for text in texts]
    expected = [True] * len(texts)
    for row in range(len(texts)):
        if drawn.draw(st.integers(0, 4)) == 0:
            place = drawn.draw(st.integers(0, len(texts[row]) - 1))
            texts[row] = f"{texts[row][:place]}{drawn.draw(st.sampled_from('gG /:@`~'))}{texts[row][place + 1 :]}"
            expected[row] = False
    digits = np.frombuffer("".join(texts).encode(), dtype=np.uint8).reshape(len(texts), 2 * codes.shape[1])
    read, good = read_hex(digits)
    assert read.shape == codes.shape
    assert good.tolist() == expected
    assert read[good].tolist() == codes[good].tolist()


@pytest.mark.parametrize("character", [b"\x00", b"\x7f", b"\xff", b" ", b"\n"])
def test_no_other_byte_passes(character: bytes) -> None:
    _, good = read_hex(np.frombuffer(b"0" + character + b"00" * 3, dtype=np.uint8).reshape(2, 4))
    assert good.tolist() == [False, True]


@given(st.lists(st.none() | st.binary(max_size=6), max_size=12), st.integers(0, 3))
def test_bytes_of_any_length_are_written_in_hexadecimal_and_null_stays_null(
    values: list[bytes | None], first: int
) -> None:
    texts = hex_column(pa.array(values, pa.binary()).slice(first))
    texts.validate(full=True)
    assert texts.to_pylist() == [None if value is None else value.hex() for value in values[first:]]


def test_a_column_of_text_gives_its_characters() -> None:
    assert digest_codes(pa.array(["ab", "cd"])).tolist() == [[97, 98], [99, 100]]
