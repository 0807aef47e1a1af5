"""What the page on formats says is so: its tables are those of the code, its examples are read."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hashmatch
from hashmatch.algorithms import ALGORITHMS
from hashmatch.cells import LONGEST_TEXT
from hashmatch.checking import check, sizes
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.base import RawRows, ReadOptions
from hashmatch.formats.entry import REMAINDER_BYTES
from hashmatch.formats.fields import ALIASES
from hashmatch.formats.source import Source
from hashmatch.indexes import INDEXES
from hashmatch.records import Mode, Role
from hashmatch.word_rows import plain

from .formats.samples_exchanges import MD5, PDQ, page, update
from .readme import ROOT

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE))
MODES = {Mode.UPDATE: "update", Mode.REPLACE: "replace", None: "you say"}


def table(title: str) -> list[list[str]]:
    """The cells of the rows of the table whose first line begins so; a bar within a cell stands behind a backslash."""
    lines = PAGE[PAGE.index(title) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]


def names(cell: str) -> list[str]:
    """What stands in a cell as code."""
    return re.findall(r"`([^`]+)`", cell)


def read(name: str, content: str, file: str = "list") -> list[RawRows]:
    return list(FORMATS[name].read(Source(content=content.encode(), name=file), ReadOptions(algorithms=sizes())))


def block(name: str) -> str:
    """The example in a section."""
    (found,) = re.findall(r"^```\n(.*?)^```$", SECTIONS[name], re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_hashes_are_those_that_there_are() -> None:
    rows = table("| name | of | bits |")
    assert sorted(name for row in rows for name in names(row[0])) == sorted(ALGORITHMS)
    for cells in rows:
        known = [ALGORITHMS[name] for name in names(cells[0])]
        bits = sorted({algorithm.bits for algorithm in known})
        assert cells[2] == (str(bits[0]) if len(bits) == 1 else f"{bits[0]} to {bits[-1]}")
        assert {str(algorithm.radius) for algorithm in known} == {cells[3]}


def test_the_formats_are_those_that_there_are_each_with_a_section() -> None:
    rows = {names(row[0])[0]: row for row in table("| name | what it is | mode |")}
    assert set(rows) == set(FORMATS)
    assert list(SECTIONS) == list(rows)
    for name, (_, what, mode, written) in rows.items():
        assert mode == MODES[FORMATS[name].mode], name
        assert written == ("yes" if "write" in vars(type(FORMATS[name])) else "no"), name
        assert ("allow lists alone" in what) is (FORMATS[name].role is Role.ALLOW), name


def test_what_is_lost_when_it_is_written_is_named() -> None:
    words = {
        "list": "the list's name",
        "source_id": "ids",
        "extra": "`extra`",
        "quality": "qualities",
        "share_level": "share levels",
        "media_type": "media types",
        **dict.fromkeys(("created_at", "updated_at", "expires_at"), "dates"),
    }
    for name, form in FORMATS.items():
        lost = re.search(r"Lost(?: is all else)?: (the list's name .*?)\.", " ".join(SECTIONS[name].split()))
        said = lost[1] if lost else ""
        assert bool(said) is bool(form.losses), name
        assert [column for column in form.losses if words.get(column, column.rstrip("s")) not in said] == [], name


def test_names_of_columns_are_those_that_are_recognised() -> None:
    rows = {field: cells for *fields, cells in table("| field | names |") for field in names(fields[0])}
    said = {word for _, cell in table("| field | names |") for word in re.findall(r"[a-z_]+", cell)} | set(rows)
    assert {alias for aliases in ALIASES.values() for alias in aliases} <= said
    for field in ("source_id", "algorithm", "digest", "quality", "withdrawn"):
        assert tuple(rows[field].split(", ")) == ALIASES[field]


@pytest.mark.parametrize("name", ["lines", "jsonl", "vpdq", "checksums"])
def test_examples_are_read(name: str) -> None:
    chunks = read(name, block(name))
    assert [reject for chunk in chunks for reject in chunk.rejects] == []
    lines = [line for line in block(name).splitlines() if not line.startswith(("#", '{"hashmatch"'))]
    assert sum(len(chunk.rows) for chunk in chunks) == len(lines)
    assert recognise(Source(content=block(name).encode()), ALGORITHMS) is FORMATS[name]


def test_types_of_threatexchange_are_taken_or_named_in_a_reject() -> None:
    (cell,) = (
        cell
        for field, cell in table("| field | becomes |\n|---|---|\n| `id` | the claim's id |\n| `indicator`")
        if "type" in field
    )
    taken, _, refused = cell.partition("Any other")
    digests = {"pdq": PDQ, "md5": MD5, "sha1": "ab" * 20, "sha256": "cd" * 32}
    kinds = [kind for kind in names(taken) if kind.startswith("HASH_")]
    assert len(kinds) == 6
    for kind in kinds:
        algorithm = kind.rpartition("_")[2].lower()
        (chunk,) = read("threatexchange", json.dumps(page(update(type=kind, indicator=digests[algorithm], tags=[]))))
        assert chunk.rows.column("algorithm").to_pylist() == [algorithm]
    for kind in names(refused):
        (chunk,) = read("threatexchange", json.dumps([page(update(type=kind)), page(update())]))
        assert [kind in reject.reason for reject in chunk.rejects] == [True]


def test_opinions_of_exchanges_are_read() -> None:
    opinions = {
        "POSITIVE_CLASS": "positive",
        "INVESTIGATION_SEED": "seed",
        "NEGATIVE_CLASS": "negative",
        "DISPUTED": "disputed",
    }
    assert set(opinions) <= set(names(SECTIONS["pytx-dataset"]))
    header = ",".join(names(SECTIONS["pytx-dataset"])[1:6])
    (chunk,) = read("pytx-dataset", "\n".join([header, *(f"pdq,{PDQ},C,{word}," for word in opinions)]) + "\n")
    assert chunk.rows.column("opinion").to_pylist() == list(opinions.values())
    tags = {"true_positive": "positive", "false_positive": "negative", "disputed": "disputed"}
    assert set(tags) <= set(names(SECTIONS["tag-query"]))
    rows = "".join(f"{PDQ},1,mine,{tag}\n" for tag in tags)
    (chunk,) = read("tag-query", ",".join(names(SECTIONS["tag-query"])[:4]) + "\n" + rows, "simple.HASH_PDQ.te")
    assert chunk.rows.column("opinion").to_pylist() == list(tags.values())


def test_dates_are_read_in_every_style() -> None:
    said = PAGE.partition("**Dates**")[2].partition("\n\n")[0]
    example = names(said)[0]
    styles = [
        "2025-03-07T02:31:49",
        "1741314709",
        "1741314709.0",
        "1741314709000",
        example,
        "Fri, 07 Mar 2025 02:31:49 +0000",
    ]
    cells = "".join(f'{number},{PDQ},pdq,"{date}"\n' for number, date in enumerate(styles))
    (chunk,) = read("csv", f"id,hash,algorithm,created\n{cells}")
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    assert {f"{date:%Y-%m-%d %H:%M:%S}" for date in checked.rows.column("created_at").to_pylist()} == {
        "2025-03-07 02:31:49"
    }


def test_bounds_of_extra_are_those_that_hold() -> None:
    said = PAGE.partition("**What we do not know**")[2].partition("\n\n")[0]
    assert re.findall(r"\d+ \d{3}", said) == [
        f"{bound:,}".replace(",", " ") for bound in (LONGEST_TEXT, REMAINDER_BYTES)
    ]
    rows = "".join(
        f'{{"id":"{size}","pdq":"{PDQ}","note":"{"x" * size}"}}\n' for size in (REMAINDER_BYTES, LONGEST_TEXT)
    )
    (chunk,) = read("jsonl", rows)
    checked = check(chunk.rows, None)
    assert checked.rejects == ()
    assert [json.loads(extra).get("left_out") for extra in checked.rows.column("extra").to_pylist()] == [None, ["note"]]
    long = update(note="x" * LONGEST_TEXT)
    (chunk,) = read("threatexchange", json.dumps(page(long)))
    (extra,) = chunk.rows.column("extra").to_pylist()
    assert json.loads(extra)["left_out"] == ["note"]


def test_columns_with_types_mean_what_is_said(tmp_path: Path) -> None:
    said = " ".join(SECTIONS["parquet"].split())
    digest = bytes.fromhex(PDQ)
    columns = {
        "id": pa.array([b"N-1", b"\xff\x00"]),
        "pdq": pa.array([digest, digest]),
        "timestamp": pa.array([float("nan"), 1.5]),
        "created": pa.array([date(2025, 1, 2)] * 2),
        "labels": [" a:b ", None],
        "packed": pa.array([b"\xff\xfe", None]),
        "case": pa.array([{"n": [1]}, None]),
        "price": pa.array([Decimal("1.20"), None]),
    }
    pq.write_table(pa.table(columns), tmp_path / "list.parquet")
    source = Source(tmp_path / "list.parquet")
    chunks = FORMATS["parquet"].read(source, ReadOptions(algorithms=sizes()))
    checked = [check(chunk.rows, None) for chunk in chunks if len(chunk.rows)]
    assert [reject for one in checked for reject in one.rejects] == []
    rows = [row for one in checked for row in plain(one.rows).to_pylist()]
    assert 'NaN is "not said"' in said
    assert [row["timestamp"] for row in rows] == [None, 1.5]
    assert "bytes as an id are the text that they are or else hexadecimal" in said
    assert [row["source_id"] for row in rows] == ["N-1", "ff00"]
    assert (rows[0]["digest"], rows[0]["labels"], f"{rows[0]['created_at']:%F}") == (digest, ["a:b"], "2025-01-02")
    assert "structures and lists as JSON, bytes in base64, dates and decimals as text" in said
    assert json.loads(rows[0]["extra"]) == {"packed": "//4=", "case": {"n": [1]}, "price": "1.20"}


def test_what_lists_json_may_say_is_what_it_does_say(tmp_path: Path) -> None:
    section = PAGE.partition("## A folder of lists")[2].partition("\n## ")[0]
    ((file, stated),) = json.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0]).items()
    stated |= {key: value for key, value in {"format": "csv", "radius": {"pdq": 20}}.items() if f"`{key}`" in section}
    (tmp_path / file).write_text(f"case,hash_hex\nN-1,{PDQ}\n")
    (tmp_path / "lists.json").write_text(json.dumps({file: stated}))
    settings = hashmatch.Matcher.from_lists([tmp_path]).snapshot.settings[stated["name"]]
    assert (settings.partner, settings.share_level, settings.radius) == ("Example Partner North", "green", {"pdq": 20})
    (tmp_path / "lists.json").write_text(json.dumps({file: {**stated, "rolle": "allow"}}))
    with pytest.raises(hashmatch.FormatError) as raised:
        hashmatch.Matcher.from_lists([tmp_path])
    assert "`source_id`" in section
    assert str(raised.value).endswith(f"it may say {', '.join(sorted({*stated, 'source_id'}))}")


def test_the_indexes_are_those_that_there_are() -> None:
    assert {names(row[0])[0] for row in table("| name | how it searches |")} == set(INDEXES)
