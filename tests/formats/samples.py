"""One sample file per format, by the format's name: a registered format without one fails the contract."""

from __future__ import annotations

import json

from hashmatch.formats import FORMATS
from hashmatch.formats.base import RawRows, ReadOptions
from hashmatch.formats.source import Source

from .samples_columns import SAMPLES as COLUMNS
from .samples_exchanges import SAMPLES as EXCHANGES
from .samples_hotlines import SAMPLES as HOTLINES
from .samples_intelligence import SAMPLES as INTELLIGENCE

ALGORITHMS = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64, "pdq": 32, "phash": 8}
OPTIONS = ReadOptions(algorithms=ALGORITHMS)

PDQ = "d8f8f0cce0f4a84f0e370a22028f67f0b36e2ed596623e1d33e6b39c4e9c9b22"
PDQ_2 = "0f" * 32
MD5 = "0123456789abcdef0123456789abcdef"
SHA256 = "ab" * 32


def tcap_record(**changes: object) -> dict[str, object]:
    record: dict[str, object] = {
        "hash_digest": PDQ,
        "algorithm": "PDQ",
        "ideology": "Far-Right",
        "file_type": "png",
        "deleted": False,
        "updated_on": 1704901040.222779,
        "created_on": "2025-03-03 23:05:22,587",
        "id": 2819,
    }
    return {**record, **changes}


def tcap_page(*records: object, checkpoint: object = "1724856487.709035,10594") -> dict[str, object]:
    return {"count": len(records), "next": None, "previous": None, "checkpoint": checkpoint, "results": records}


def v1_record(**changes: object) -> dict[str, object]:
    record = {"hash_digest": MD5.upper(), "algorithm": "MD5", "ideology": "Islamist", "file_type": "mp4"}
    return {**record, **changes}


def as_lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


SAMPLES: dict[str, bytes] = {
    "tcap": json.dumps(tcap_page(tcap_record(), tcap_record(id=2820, deleted=True)), indent=1).encode(),
    "tcap-v1": json.dumps([v1_record(), v1_record(hash_digest=PDQ, algorithm="PDQ")], indent=1).encode(),
    "hashes": as_lines(
        {
            "file": "a.jpg",
            "error": None,
            "hashes": {
                "pdq": {"hex": PDQ, "quality": 97, "orientations": {"original": PDQ}},
                "sha256": {"hex": SHA256},
            },
            "media_type": "image",
        },
    ),
    "jsonl": as_lines(
        {"hashmatch": 1, "list": {"name": "ours", "partner": "Us", "role": "block"}, "partial": False},
        {"list": "ours", "source_id": "1", "algorithm": "pdq", "digest": PDQ, "labels": ["a:b"]},
        {"list": "ours", "source_id": "2", "algorithm": "md5", "digest": MD5, "extra": {"note": "é"}},
    ),
    "lines": f"# removals\n{PDQ}\n\npdq {PDQ_2}\nhash={PDQ},100,a, b.jpg\n".encode(),
    "vpdq": f"0,100,{PDQ},0.000\n30,97,{PDQ_2},1.001\n".encode(),
    "csv": f"id,hash,algorithm,note\n1,{PDQ},pdq,ü\n2,{MD5},md5,\n".encode(),
    **EXCHANGES,
    **HOTLINES,
    **INTELLIGENCE,
    **COLUMNS,
}


def sample(name: str) -> bytes:
    """The sample of a format."""
    return SAMPLES[name]


def read(name: str, content: bytes, options: ReadOptions = OPTIONS, file: str = "list") -> list[RawRows]:
    """All chunks of a file that is given by its bytes."""
    return list(FORMATS[name].read(Source(content=content, name=file), options))


def rows_of(name: str, content: bytes, options: ReadOptions = OPTIONS) -> list[dict[str, object]]:
    """The rows of a file as dicts, without what is null."""
    rows = [row for chunk in read(name, content, options) for row in chunk.rows.to_pylist()]
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


def rejects_of(name: str, content: bytes, options: ReadOptions = OPTIONS) -> list[tuple[int, str]]:
    """Line and reason of each reject of a file."""
    return [(reject.line, reject.reason) for chunk in read(name, content, options) for reject in chunk.rejects]
