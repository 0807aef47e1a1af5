"""What reports and exports say besides their counts, so that nothing changes quietly."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from hashmatch import HashBank
from hashmatch.formats.source import Source

PDQ, OTHER = "5a" * 16 + "c3" * 16, "c3" * 16 + "5a" * 16


def header(**settings: object) -> Source:
    lines = [
        {"hashmatch": 1, "list": {"name": "x", **settings}, "partial": False},
        {"list": "x", "source_id": "1", "algorithm": "pdq", "digest": PDQ},
    ]
    return Source(content="\n".join(map(json.dumps, lines)).encode(), name="x.jsonl")


@pytest.mark.parametrize(
    ("settings", "note"),
    [
        ({"role": "allow"}, "x: role by the file itself is allow"),
        ({"radius": {"pdq": 60}}, "x: radius by the file itself is pdq 60"),
        (
            {"releases": [["pdq", "00" * 32]]},
            "x: releases by the file itself is 1 of its hashes, whatever quarantine says",
        ),
    ],
)
def test_what_a_header_makes_of_a_new_list_is_said(settings: dict[str, object], note: str, tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        assert bank.import_list(header(**settings)).notes == (note,)


def test_a_changed_setting_is_said_and_a_stranger_in_a_list_too(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(header(partner="One"), mode="update")
        assert bank.import_list(header(partner="One"), partner="Two").notes == (
            "the file says that x is shared by One; the bank says Two",
            "x: partner is now Two",
        )


def test_a_released_hash_is_not_counted_as_quarantined(tmp_path: Path) -> None:
    content = f"id,algorithm,hash\n1,pdq,{'00' * 32}\n2,pdq,{PDQ}\n".encode()
    with HashBank.open(tmp_path / "bank") as bank:
        assert bank.import_list(Source(content=content), name="x", mode="update").quarantined == 1
        bank.release("x", "pdq", "00" * 32)
        assert bank.import_list(Source(content=content), name="x").quarantined == 0


def test_a_compaction_is_nothing_that_happened_to_a_list(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        for name in ("a", "b"):
            bank.import_list(Source(content=f"pdq {PDQ}\n".encode()), name=name, mode="update")
        before = bank.lists()
        assert bank.compact(0) is not None
        assert bank.lists() == before


def test_a_restricted_list_leaves_nothing_and_cuts_no_other(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(Source(content=f"pdq {PDQ}\n".encode()), name="free", share_level="clear", mode="update")
        bank.import_list(Source(content=f"pdq {OTHER}\n".encode()), name="secret", partner="Who", mode="update")
        sink = io.BytesIO()
        report = bank.export_list(sink)
    headers = [line for line in map(json.loads, sink.getvalue().splitlines()) if "hashmatch" in line]
    assert [(line["list"]["name"], line["partial"]) for line in headers] == [("free", False)]
    assert b"Who" not in sink.getvalue()
    assert (report.lists, report.partial) == (("free",), True)


def test_the_default_algorithm_is_for_hashes_whose_length_fits_several(tmp_path: Path) -> None:
    content = f"id,hash\n1,0cc175b9c0f1b6a831c399e269772661\n2,{PDQ}\n".encode()
    with HashBank.open(tmp_path / "bank") as bank:
        report = bank.import_list(Source(content=content), name="x", algorithm="sha256", publish=True)
        assert (report.added, report.rejected) == (2, 0)
        assert bank.snapshot().codes == {"md5": 1, "sha256": 1}


def test_what_is_no_hash_is_counted_by_kind(bank: HashBank) -> None:
    bundle = {
        "type": "bundle",
        "id": "bundle--00000000-0000-4000-8000-000000000000",
        "objects": [
            {"type": "identity", "id": "identity--1", "name": "Example"},
            {"type": "ipv4-addr", "id": "ipv4-addr--1", "value": "192.0.2.1"},
            {"type": "ipv4-addr", "id": "ipv4-addr--2", "value": "192.0.2.2"},
            {"type": "file", "spec_version": "2.1", "id": "file--1", "hashes": {"MD5": "ab" * 16}},
        ],
    }
    report = bank.import_list(Source(content=json.dumps(bundle).encode(), name="x.json"), "one")
    assert (report.rows, report.rejected) == (1, 0)
    assert report.skipped == {"identity": 1, "ipv4-addr": 2}


def lines_of(*ids: str) -> Source:
    rows = [{"source_id": name, "algorithm": "md5", "digest": f"{number:032x}"} for number, name in enumerate(ids, 1)]
    return Source(content="\n".join(map(json.dumps, rows)).encode(), name="x.jsonl")


def test_a_dry_run_says_that_the_guard_would_stop_the_import(bank: HashBank) -> None:
    bank.import_list(lines_of("a", "b", "c"), "one", mode="replace")
    (note,) = bank.import_list(lines_of("a"), "one", dry_run=True).notes
    assert note == "without accepting the change it would be stopped: it would withdraw 2 of the 3 claims of one"
    assert bank.import_list(lines_of("a"), "one", dry_run=True, accept_change=True).notes == ()


def test_what_is_not_published_yet_is_said_not_to_have_been_looked_at(bank: HashBank) -> None:
    assert bank.import_list(lines_of("a"), "one").notes == ()
    (note,) = bank.import_list(lines_of("b"), "two").notes
    assert "held against what is published, batch 0 of 1" in note
    bank.publish()
    assert bank.import_list(lines_of("c"), "three").notes == ()


def test_a_setting_that_the_user_states_is_no_news_though_the_file_states_it_too(bank: HashBank) -> None:
    said = {"partner": "A partner", "share_level": "green"}
    assert bank.import_list(header(**said), "x", dry_run=True).notes
    assert bank.import_list(header(**said), "x", **said).notes == ()


def test_a_dry_run_changes_no_setting_and_says_so(bank: HashBank) -> None:
    bank.import_list(lines_of("a"), "one", mode="replace")
    notes = bank.import_list(lines_of("a"), "one", role="allow", dry_run=True).notes
    assert "one: role would be allow" in notes
    assert (
        "x: role by the file itself would be allow" in bank.import_list(header(role="allow"), "x", dry_run=True).notes
    )


def test_a_dry_run_that_would_change_nothing_says_so(bank: HashBank) -> None:
    assert not bank.import_list(lines_of("a"), "one", mode="replace", dry_run=True).empty
    bank.import_list(lines_of("a"), "one", mode="replace")
    assert bank.import_list(lines_of("a"), "one", dry_run=True).empty
    assert not bank.import_list(lines_of("b"), "one", dry_run=True).empty
