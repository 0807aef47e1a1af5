"""Hashes as text: what people type, and what they get told when it can mean several things."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue, UnknownName
from hashmatch.hashes import parse_digest, parse_typed

SIZES = {"pdq": 32, "sha256": 32, "phash": 8, "md5": 16}


@given(st.binary(min_size=8, max_size=64))
def test_hexadecimal_in_either_case_and_base64_are_the_same_digest(digest: bytes) -> None:
    size = len(digest)
    assert parse_digest(digest.hex(), size) == digest
    assert parse_digest(digest.hex().upper(), size) == digest
    if size % 3:
        assert parse_digest(base64.b64encode(digest).decode(), size) == digest


@pytest.mark.parametrize(
    "text", ["", "0", "0" * 63, "0" * 65, "g" * 64, "0x" + "0" * 62, " " + "0" * 63, "0" * 64 + "\n"]
)
def test_anything_else_is_no_digest(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_digest(text, 32)


@pytest.mark.parametrize("text", ["md5:" + "ab" * 16, " MD5 : " + "AB" * 16 + " ", "ab" * 16, "AB" * 16])
def test_typed_with_its_algorithm_or_where_only_one_fits(text: str) -> None:
    assert parse_typed(text, SIZES) == ("md5", b"\xab" * 16)


def test_a_hash_that_fits_several_names_them() -> None:
    with pytest.raises(InvalidValue, match=r"can be pdq, sha256: say which, as in pdq:HASH"):
        parse_typed("00" * 32, SIZES)
    assert parse_typed("sha256:" + "00" * 32, SIZES) == ("sha256", bytes(32))


def test_an_algorithm_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(UnknownName, match="choose from pdq, sha256, phash, md5"):
        parse_typed("crc32:00000000", SIZES)


@pytest.mark.parametrize("text", ["", ":", "md5:", "00", "x" * 1000, "pdq:" + "0" * 63])
def test_what_is_no_hash_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidValue) as raised:
        parse_typed(text, SIZES)
    assert 0 < len(str(raised.value)) < 300


@given(st.text())
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        algorithm, digest = parse_typed(text, SIZES)
    except InvalidValue:
        return
    assert len(digest) == SIZES[algorithm]
