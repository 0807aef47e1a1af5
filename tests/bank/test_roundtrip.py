"""What leaves a bank comes back the same: records drawn at random through the checks, out and in again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.bank import HashBank
from hashmatch.errors import ExportRefused, FormatError
from hashmatch.formats.source import Source
from hashmatch.records import SCHEMA, ListSettings, Mode, Role, ShareLevel

from .clock import Clock
from .looking import exported, known, objects

SETTINGS = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""Any text: quotes, commas, line ends, control characters and all."""
IDS = st.sampled_from(["1", "2", "3", "zwei, drei", 'a "quoted" one', " blank "]) | TEXT.filter(str.strip)
LABELS = st.lists(st.sampled_from(["ideology:far-right", "a;b", "a,b", "[x", "x|y", "ä ö"]) | TEXT, max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
DATES = st.datetimes().map(lambda moment: moment.isoformat() + "Z") | st.sampled_from(
    ["2024-02-29", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1700000000.123456", "-5.5"]
)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def records(draw: st.DrawFn) -> dict[str, object]:
    """A line of JSON, which the checks may still refuse."""
    algorithm = draw(st.sampled_from(list(ALGORITHMS)))
    size = ALGORITHMS[algorithm].size
    drawn = {
        "source_id": draw(maybe(IDS)),
        "algorithm": algorithm,
        "digest": draw(st.binary(min_size=size, max_size=size) | st.just(bytes(size))).hex(),
        "frame": draw(maybe(st.sampled_from([0, 1, 2**31 - 1]))),
        "media_type": draw(maybe(st.sampled_from(["image", "video", "document", "image/png", "unknown", "pdf", "?"]))),
        "timestamp": draw(maybe(st.floats(0, 2.0**127, width=32))),
        "quality": draw(maybe(st.integers(0, 100))),
        "labels": draw(maybe(LABELS)),
        "opinion": draw(maybe(st.sampled_from(["positive", "seed", "negative", "disputed"]))),
        "share_level": draw(maybe(st.sampled_from([level.value for level in ShareLevel]))),
        "created_at": draw(maybe(DATES)),
        "updated_at": draw(maybe(DATES)),
        "expires_at": draw(maybe(DATES)),
        "extra": draw(maybe(st.dictionaries(TEXT, JSON, max_size=3))),
    }
    return {name: value for name, value in drawn.items() if value is not None}


LISTS = st.lists(records(), min_size=1, max_size=8)


@st.composite
def list_settings(draw: st.DrawFn) -> dict[str, Any]:
    """Everything that a list can be said to be."""
    return {
        "partner": draw(maybe(TEXT)),
        "role": draw(st.sampled_from(list(Role))),
        "share_level": draw(st.sampled_from(list(ShareLevel))),
        "mode": draw(maybe(st.sampled_from(list(Mode)))),
        "algorithm": draw(maybe(st.sampled_from(list(ALGORITHMS)))),
        "columns": draw(maybe(st.dictionaries(st.sampled_from(["digest", "labels"]), TEXT, max_size=2))),
        "radius": draw(maybe(st.dictionaries(st.sampled_from(list(ALGORITHMS)), st.integers(0, 256), max_size=2))),
        "checkpoint": draw(maybe(TEXT)),
    }


def filled(bank: HashBank, lists: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Import JSON lines; what the checks refuse stays out, and a list without a good row is not made."""
    for name, lines in lists.items():
        content = "\n".join(map(json.dumps, lines)).encode()
        try:
            bank.import_list(Source(content=content, name="drawn.jsonl"), name, format="jsonl")
        except FormatError as error:
            assert "no good row" in str(error)  # noqa: PT017 - most drawn lists do have one


def content(bank: HashBank, name: str, without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The records of a list in every column but those that only the bank it stands in knows."""
    left = [column for column in SCHEMA.names if column not in ("batch", "said_at", *without)]
    rows = [{column: row[column] for column in left} for rows in known(bank, name).values() for row in rows]
    return sorted(rows, key=repr)


def banks(folder: str) -> tuple[HashBank, HashBank]:
    return HashBank.open(Path(folder) / "from"), HashBank.open(Path(folder) / "to")


@SETTINGS
@given(lists=st.dictionaries(st.sampled_from(["one", "two", "3"]), LISTS, min_size=1), said=list_settings())
def test_json_lines_give_the_same_records_and_settings(lists: dict[str, Any], said: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, lists)
        for summary in bank.lists():
            bank.configure(summary.settings.name, accept_change=True, **said)
        if not bank.lists():
            return
        report = fresh.import_list(exported(bank))
        assert (report.rejected, report.duplicates, report.partial) == (0, 0, False)
        assert [summary.settings for summary in fresh.lists()] == [summary.settings for summary in bank.lists()]
        for summary in bank.lists():
            name = summary.settings.name
            assert content(fresh, name) == content(bank, name)
        assert exported(fresh).document() == exported(bank).document()


@SETTINGS
@given(rows=LISTS, others=LISTS)
def test_csv_gives_the_same_records(rows: list[Any], others: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, {"one": rows, "two": others})
        for names in ([summary.settings.name] for summary in bank.lists()):
            source = exported(bank, names=names, format="csv")
            report = fresh.import_list(Source(content=source.document(), name="out.csv"), names[0])
            assert (report.rejected, report.duplicates, report.format) == (0, 0, "csv")
            assert content(fresh, names[0]) == content(bank, names[0])
            assert fresh.lists()[-1].settings == ListSettings(names[0])


@settings(SETTINGS, max_examples=20)
@given(rows=LISTS, others=LISTS)
def test_csv_of_several_lists_tells_them_apart(rows: list[Any], others: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, {"one": rows, "two": others})
        if len(bank.lists()) < 2:
            return
        fresh.import_list(Source(content=exported(bank, format="csv").document(), name="out.csv"))
        for name in ("one", "two"):
            assert content(fresh, name) == content(bank, name)


@settings(SETTINGS, max_examples=25)
@given(rows=LISTS)
def test_import_of_an_export_writes_nothing_where_it_came_from(rows: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling() as clock:
        bank, _ = banks(folder)
        filled(bank, {"one": rows})
        for format in ("jsonl", "csv"):
            if bank.lists():
                clock.tick()
                source = Source(content=exported(bank, format=format).document(), name=f"out.{format}")
                for mode in ("update", "replace"):
                    report = bank.import_list(source, "one", mode=mode, dry_run=True)
                    assert (report.added, report.changed, report.withdrawn, report.older) == (0, 0, 0, 0)


@settings(SETTINGS, max_examples=25)
@given(rows=LISTS, algorithm=st.sampled_from(list(ALGORITHMS)))
def test_partial_export_is_refused_where_it_would_cut_claims_and_taken_elsewhere(
    rows: list[Any], algorithm: str
) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, {"one": rows})
        if not bank.lists():
            return
        source = exported(bank, algorithms=[algorithm])
        kept = [row for row in content(bank, "one") if row["algorithm"] == algorithm]
        header = objects(source)[0]
        assert header["partial"] is (len(kept) < len(content(bank, "one")))
        if not kept:
            return
        fresh.import_list(source)
        assert content(fresh, "one") == kept
        if header["partial"]:
            with pytest.raises(FormatError, match="left claims out"):
                bank.import_list(source, mode="update", accept_change=True)


@settings(SETTINGS, max_examples=25)
@given(rows=LISTS, level=st.sampled_from(list(ShareLevel)))
def test_only_what_is_laxer_than_amber_leaves_unless_allowed(rows: list[Any], level: ShareLevel) -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, {"one": rows})
        if not bank.lists():
            return
        bank.configure("one", share_level=level, accept_change=True)
        levels = list(ShareLevel)
        free = [
            row
            for row in content(bank, "one")
            if max(levels.index(level), levels.index(ShareLevel(row["share_level"] or "clear"))) < 2
        ]
        sink = BytesIO()
        if not free:
            with pytest.raises(ExportRefused):
                bank.export_list(sink)
            return
        report = bank.export_list(sink)
        assert report.rows == len(free)
        assert report.partial is (len(free) < len(content(bank, "one")))
        fresh.import_list(Source(content=sink.getvalue(), name="out.jsonl"))
        assert content(fresh, "one") == free


def test_releases_travel_with_the_settings() -> None:
    with tempfile.TemporaryDirectory() as folder, Clock().ruling():
        bank, fresh = banks(folder)
        filled(bank, {"one": [{"source_id": "a", "algorithm": "pdq", "digest": "00" * 32}]})
        bank.release("one", "pdq", "00" * 32)
        fresh.import_list(exported(bank))
        assert fresh.lists()[0].settings == replace(ListSettings("one"), releases=frozenset({("pdq", "00" * 32)}))
        assert fresh.lists()[0].quarantined == 0
