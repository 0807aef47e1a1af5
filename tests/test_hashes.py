"""Hashes as text: what people type, and what they get told when it can mean several things."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashmatch.errors import InvalidValue, UnknownName
from hashmatch.hashes import parse_digest, parse_typed

SIZES = {"pdq": 32, "sha256": 32, "phash": 8, "md5": 16}


def spellings(digest: bytes) -> list[str]:
    """A digest in every form but hexadecimal."""
    padded = [base64.b64encode(digest), base64.urlsafe_b64encode(digest), base64.b32encode(digest)]
    texts = [text.decode() for text in (*padded, padded[-1].lower())]
    return [*texts, *(text.rstrip("=") for text in texts)]


def reads(text: str, size: int) -> bool:
    try:
        return len(parse_digest(text, size)) == size
    except InvalidValue:
        return False


SIZES_IN_USE = st.sampled_from([8, 16, 20, 32, 64])
DIGESTS = SIZES_IN_USE.flatmap(lambda size: st.binary(min_size=size, max_size=size))


@given(DIGESTS)
def test_every_form_is_the_same_digest(digest: bytes) -> None:
    size = len(digest)
    assert parse_digest(digest.hex(), size) == digest
    assert parse_digest(digest.hex().upper(), size) == digest
    for text in spellings(digest):
        if not set(text) <= set("0123456789abcdefABCDEF"):
            assert parse_digest(text, size) == digest


@given(DIGESTS, SIZES_IN_USE)
def test_no_form_is_a_digest_of_another_size(digest: bytes, size: int) -> None:
    if size != len(digest):
        assert not any(reads(text, size) for text in (digest.hex(), digest.hex().upper(), *spellings(digest)))


@given(SIZES_IN_USE, st.integers(1, 140).flatmap(lambda n: st.text("0123456789abcdefABCDEF", min_size=n, max_size=n)))
def test_hexadecimal_of_another_length_is_never_taken_for_an_encoded_digest(size: int, text: str) -> None:
    assert reads(text, size) is (len(text) == 2 * size)


def test_what_arachnid_and_perception_write() -> None:
    digest = bytes(range(100, 120))
    assert parse_digest("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5TX", 20) == digest
    with pytest.raises(InvalidValue, match="not hexadecimal"):
        parse_digest("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5TX", 16)
    assert parse_typed("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5TX", {"sha1": 20, "md5": 16}) == ("sha1", digest)
    assert parse_digest("+/" * 21 + "8=", 32) == parse_digest("-_" * 21 + "8", 32)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("+/" * 21 + "9=", 32),  # bits behind the last byte
        ("+_" * 21 + "8=", 32),  # two alphabets
        ("+/" * 21 + "8==", 32),  # too much padding
        ("+/" * 21 + "8 ", 32),
        ("+/" * 11 + "==", 16),
        ("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5Tx", 20),  # two cases
        ("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5T1", 20),  # 1 is no digit of base32
        ("MRSWMZ3INFVGW3DNNZXXA4LSON2HK5TX=", 20),
        ("Z" * 26 + "======", 16),  # bits behind the last byte
        ("ß" * 32, 20),
        ("é" * 43, 32),
    ],
)
def test_what_no_encoder_writes_is_no_digest(text: str, size: int) -> None:
    assert not reads(text, size)


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
