"""List files, made from rows, in each of the formats that speak differently about claims."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from hashmatch.formats.source import Source

from .clock import EPOCH

PDQ = tuple(f"{'0f' * 30}{i:02x}{255 - i:02x}" for i in range(6))
"""PDQ hashes with 128 ones, as photos have them."""
ODD_PDQ = "0f" * 31 + "1f"
"""One with 129."""
BLANK_PDQ = "00" * 32
"""What a blank picture gives: it must be quarantined."""
MD5 = tuple(f"{i + 1:032x}" for i in range(3))


@dataclass(frozen=True)
class Row:
    """One row of a file."""

    id: str | None
    digest: str
    algorithm: str = "pdq"
    labels: tuple[str, ...] = ()
    date: int | None = None
    """``updated_at``, microseconds since 1970."""
    withdrawn: bool = False
    broken: str | None = None
    """``digest``: it cannot be read; ``hashless``: there is none."""
    frame: int = -1
    quality: int | None = None
    opinion: str | None = None
    list: str | None = None

    @property
    def hashless(self) -> bool:
        """Whether it has no hash at all."""
        return self.broken == "hashless"

    @property
    def shown(self) -> str | None:
        """The digest as the file has it."""
        return {None: self.digest, "digest": "zz", "hashless": None}[self.broken]


def iso(date: int | None) -> str | None:
    """Microseconds since 1970 as ISO 8601."""
    return None if date is None else (EPOCH + timedelta(microseconds=date)).isoformat()


def tcap(rows: Iterable[Row], checkpoint: str | None = None) -> Source:
    """A page of TCAP, version 2. Its labels are ideologies."""
    records = [_without_null(_tcap_record(row) | {"id": row.id, "deleted": row.withdrawn}) for row in rows]
    for record, row in zip(records, rows, strict=True):
        if row.date is not None:
            record["updated_on"] = row.date / 1_000_000
    page = {"count": len(records), "next": None, "previous": None, "checkpoint": checkpoint, "results": records}
    return Source(content=json.dumps(page).encode(), name="page.json")


def tcap_v1(rows: Iterable[Row]) -> Source:
    """TCAP's daily file, without ids."""
    records = [_tcap_record(row) for row in rows]
    return Source(content=json.dumps(records).encode(), name="daily.json")


def jsonl(rows: Iterable[Row], headers: Iterable[Mapping[str, object]] = (), *, partial: bool = False) -> Source:
    """JSON lines; with headers, our own."""
    lines: list[Mapping[str, object]] = [{"hashmatch": 1, "list": header, "partial": partial} for header in headers]
    lines += [_without_null(_json_record(row)) for row in rows]
    return Source(content="\n".join(map(json.dumps, lines)).encode(), name="rows.jsonl")


_COLUMNS = ("source_id", "algorithm", "digest", "frame", "labels", "updated_at", "withdrawn", "quality", "opinion")


def csv_file(rows: Iterable[Row]) -> Source:
    """CSV with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()
    for row in rows:
        record = _without_null(_json_record(row))
        record.pop("list", None)
        writer.writerow({**record, "labels": ";".join(row.labels)})
    return Source(content=text.getvalue().encode(), name="rows.csv")


def lines(*hashes: str) -> Source:
    """Plain lines."""
    return Source(content="\n".join(hashes).encode(), name="rows.txt")


def _tcap_record(row: Row) -> dict[str, object]:
    record: dict[str, object] = {"hash_digest": row.shown, "algorithm": row.algorithm.upper()}
    if row.labels:
        record["ideology"] = row.labels[0].removeprefix("ideology:")
    return record


def _json_record(row: Row) -> dict[str, object]:
    return {
        "list": row.list,
        "source_id": row.id,
        "algorithm": row.algorithm,
        "digest": row.shown,
        "frame": None if row.frame == -1 else row.frame,
        "labels": list(row.labels) or None,
        "updated_at": iso(row.date),
        "withdrawn": row.withdrawn or None,
        "quality": row.quality,
        "opinion": row.opinion,
    }


def _without_null(record: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in record.items() if value is not None}
