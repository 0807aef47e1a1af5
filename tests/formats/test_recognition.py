"""Formats that are told by what stands behind a long beginning."""

from __future__ import annotations

import json

import pytest

from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import HEAD_BYTES, Source

from .samples import ALGORITHMS, MD5, OPTIONS, PDQ, sample

LONG = "x" * 100_000


def stix() -> bytes:
    bundle = json.loads(sample("stix"))
    identity = {"type": "identity", "id": f"identity--{'0' * 8}-0000-4000-8000-{'0' * 12}", "description": LONG}
    bundle["objects"].insert(0, identity)
    return json.dumps(bundle).encode()


def ncmec() -> bytes:
    declaration, rest = sample("ncmec").split(b"?>", 1)
    return declaration + f"?><!-- {LONG} -->".encode() + rest


CASES = {
    "stix": stix(),
    "ncmec": ncmec(),
    "jsonl": json.dumps({"note": LONG, "hash_digest": PDQ, "algorithm": "pdq"}).encode() + b"\n",
    "csv": f"{LONG},hash,algorithm\n1,{MD5},md5\n".encode(),
}


@pytest.mark.parametrize("name", CASES)
def test_what_tells_a_format_may_stand_behind_much_else(name: str) -> None:
    source = Source(content=CASES[name], name="list")
    assert recognise(source, ALGORITHMS).name == name
    assert sum(len(chunk.rows) for chunk in FORMATS[name].read(source, OPTIONS)) > 0


def test_a_line_that_is_longer_than_the_head_is_told_by_its_first_keys() -> None:
    record = {"hash_digest": PDQ, "algorithm": "pdq", "note": "x" * HEAD_BYTES}
    content = json.dumps(record).encode() + b"\n"
    assert recognise(Source(content=content), ALGORITHMS).name == "jsonl"
    other = json.dumps({"name": "a", "note": "x" * HEAD_BYTES}).encode()
    assert not FORMATS["jsonl"].recognises(Source(content=other), ALGORITHMS)


def test_names_that_are_mapped_tell_csv_and_json_lines() -> None:
    columns = ("fingerprint", "theme")
    for content, name in (
        (f"case;fingerprint;Theme\n1;{PDQ};arson\n".encode(), "csv"),
        (json.dumps({"case": 1, "fingerprint": PDQ}).encode() + b"\n", "jsonl"),
    ):
        with pytest.raises(FormatError, match="no list format"):
            recognise(Source(content=content), ALGORITHMS)
        assert recognise(Source(content=content), ALGORITHMS, columns).name == name
    prose = b"A fingerprint is a theme.\nIt has no header.\n"
    with pytest.raises(FormatError, match="no list format"):
        recognise(Source(content=prose), ALGORITHMS, columns)
