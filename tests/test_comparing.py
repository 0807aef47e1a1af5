"""Diffs, against sets and dictionaries of what was written into the lists."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashmatch
from hashmatch import comparing, hash_sets, revisions
from hashmatch.bank import HashBank
from hashmatch.errors import FormatError, InvalidValue, UnknownList
from hashmatch.formats.source import Source
from hashmatch.records import SCHEMA

from .bank.files import MD5, PDQ, Row, csv_file, jsonl

Held = dict[tuple[str, int, str], Row]

DIGESTS = [("pdq", digest) for digest in PDQ[:3]] + [("md5", digest) for digest in MD5[:2]]
HASHES = st.tuples(st.sampled_from(DIGESTS), st.sampled_from([-1, 0, 1]))
VALUES = st.fixed_dictionaries(
    {
        "labels": st.sampled_from([(), ("a",), ("a", "b")]),
        "date": st.sampled_from([None, 1_000_000, 2_000_000]),
        "quality": st.sampled_from([None, 50, 100]),
        "opinion": st.sampled_from([None, "seed"]),
    }
)
LISTS = st.dictionaries(st.sampled_from("abcd"), st.dictionaries(HASHES, VALUES, min_size=1, max_size=3), min_size=1)


def rows_of(content: dict[str, Any]) -> list[Row]:
    return [
        Row(source_id, digest, algorithm, frame=frame, **values)
        for source_id, hashes in content.items()
        for ((algorithm, digest), frame), values in hashes.items()
    ]


def claims_of(rows: Iterable[Row]) -> dict[str, Held]:
    claims: dict[str, Held] = {}
    for row in rows:
        claims.setdefault(str(row.id), {})[row.algorithm, row.frame, row.digest] = row
    return claims


NAMES = {"labels": "labels", "date": "updated_at", "quality": "quality", "opinion": "opinion"}


def changed(a: Held, b: Held) -> set[str]:
    """What differs in a claim, as the documentation defines it."""
    found = {"hashes"} if a.keys() != b.keys() else set()
    common = a.keys() & b.keys()
    for ours, name in NAMES.items():
        if common:
            differs = any(getattr(a[key], ours) != getattr(b[key], ours) for key in common)
        else:
            differs = {getattr(row, ours) for row in a.values()} != {getattr(row, ours) for row in b.values()}
        if differs:
            found.add(name)
    return found


def expected(first: Sequence[Row], second: Sequence[Row]) -> tuple[set[Any], dict[str, int], int]:
    """Every difference, the fields that were changed, and how many claims are equal."""
    a, b = claims_of(first), claims_of(second)
    fields = {source_id: changed(a[source_id], b[source_id]) for source_id in a.keys() & b.keys()}
    told = {("only_a", source_id, frozenset()) for source_id in a.keys() - b.keys()}
    told |= {("only_b", source_id, frozenset()) for source_id in b.keys() - a.keys()}
    told |= {("changed", source_id, frozenset(names)) for source_id, names in fields.items() if names}
    ours, theirs = ({(row.algorithm, row.digest) for row in rows} for rows in (first, second))
    told |= {("only_a", *one) for one in ours - theirs} | {("only_b", *one) for one in theirs - ours}
    counts: dict[str, int] = {}
    for names in fields.values():
        for name in names:
            counts[name] = counts.get(name, 0) + 1
    return told, counts, sum(not names for names in fields.values())


def plain(difference: Any) -> tuple[Any, ...]:
    if isinstance(difference, hashmatch.HashDifference):
        return difference.difference, difference.algorithm, difference.hex
    return difference.difference, difference.source_id, frozenset(difference.fields)


@contextmanager
def opened_bank() -> Any:
    with tempfile.TemporaryDirectory() as folder, HashBank.open(Path(folder) / "bank") as bank:
        yield bank


def check(found: hashmatch.ListDiff, told: list[Any], first: Sequence[Row], second: Sequence[Row]) -> None:
    differences, fields, equal = expected(first, second)
    assert Counter(map(plain, told)) == Counter(differences)
    kinds = [(type(one).__name__, one.difference) for one in told]
    assert found.claims_only_a == kinds.count(("ClaimDifference", "only_a"))
    assert found.claims_only_b == kinds.count(("ClaimDifference", "only_b"))
    assert found.claims_changed == kinds.count(("ClaimDifference", "changed"))
    assert found.hashes_only_a == kinds.count(("HashDifference", "only_a"))
    assert found.hashes_only_b == kinds.count(("HashDifference", "only_b"))
    ours, theirs = ({(row.algorithm, row.digest) for row in rows} for rows in (first, second))
    assert (found.claims_equal, dict(found.fields)) == (equal, fields)
    assert found.hashes_both == len(ours & theirs)
    assert found.differs == bool(differences)


@settings(max_examples=15)
@given(LISTS, LISTS, st.sampled_from([1, 4, 1000]))
def test_every_pair_of_sides_tells_what_sets_tell(first: dict[str, Any], second: dict[str, Any], together: int) -> None:
    a, b = rows_of(first), rows_of(second)
    with opened_bank() as bank, mock.patch.object(comparing, "ROWS_TOGETHER", together):
        bank.import_list(jsonl(a), "one", mode="replace")
        bank.import_list(jsonl(b), "two", mode="replace")
        bank.import_list(jsonl(b), "one", mode="replace", accept_change=True)
        for ours, theirs in (("one@1", "one"), ("one@1", "two"), ("one@1", jsonl(b)), (jsonl(a), "two@2")):
            told: list[Any] = []
            check(bank.diff(ours, theirs, each=told.append), told, a, b)
    told = []
    check(hashmatch.diff_lists(jsonl(a), jsonl(b), each=told.append), told, a, b)


@given(LISTS, LISTS, st.integers(0, 3))
@settings(max_examples=10)
def test_examples_are_the_first_of_each_kind_that_are_told(
    first: dict[str, Any], second: dict[str, Any], examples: int
) -> None:
    told: list[Any] = []
    sides = jsonl(rows_of(first)), jsonl(rows_of(second))
    found = hashmatch.diff_lists(*sides, each=told.append, examples=examples)
    kinds: dict[tuple[type, str], list[Any]] = {}
    for one in told:
        kinds.setdefault((type(one), one.difference), []).append(one)
    kept = [one for kind in kinds.values() for one in kind[:examples]]
    assert Counter([*found.claims, *found.hashes]) == Counter(kept)
    assert hashmatch.diff_lists(*sides, examples=examples) == found


def test_a_negative_number_of_examples_is_refused() -> None:
    with pytest.raises(InvalidValue, match="-1"):
        hashmatch.diff_lists(jsonl([Row("a", PDQ[0])]), jsonl([Row("a", PDQ[0])]), examples=-1)


CODES = st.lists(st.tuples(st.sampled_from(["pdq", "md5"]), st.integers(0, 600)), max_size=30)


def hash_table(hashes: list[tuple[str, int]]) -> pa.Table:
    sizes = {"pdq": 32, "md5": 16}
    # Zero bytes at the end and at the beginning, and every first byte.
    digests = [bytes([number % 256]) + (number // 256).to_bytes(sizes[name] - 1, "little") for name, number in hashes]
    return pa.table(
        {"algorithm": pa.array([name for name, _ in hashes], pa.string()), "digest": pa.array(digests, pa.binary())}
    )


@settings(max_examples=60)
@given(CODES, CODES, st.sampled_from([1, 7, 1000]))
def test_hash_sets_are_sets(a: list[tuple[str, int]], b: list[tuple[str, int]], together: int) -> None:
    ours, theirs = hash_table(a), hash_table(b)
    held = [{(row["algorithm"], row["digest"]) for row in table.to_pylist()} for table in (ours, theirs)]
    found = list(hash_sets.hash_sets(lambda: [ours], lambda: [theirs], len(a) + len(b), together=together))
    only = [
        [(one.algorithm, code.tobytes()) for one in found for code in getattr(one, name)]
        for name in ("only_a", "only_b")
    ]
    assert sorted(only[0]) == sorted(held[0] - held[1])
    assert sorted(only[1]) == sorted(held[1] - held[0])
    assert sum(one.both for one in found) == len(held[0] & held[1])


def claim_rows(**values: Any) -> pa.Table:
    defaults: dict[str, Any] = {
        "algorithm": "pdq",
        "frame": -1,
        "digest": b"1",
        "labels": [],
        "media_type": "image",
        "opinion": "positive",
        "extra": "{}",
    }
    row = dict.fromkeys(revisions.COLUMNS) | defaults | values
    schema = pa.schema([SCHEMA.field(name).with_nullable(True) for name in revisions.COLUMNS])
    return pa.Table.from_pylist([row], schema).append_column("claim", pa.array([7], pa.int64()))


CHANGES: dict[str, tuple[Any, Any]] = {
    "media_type": ("image", "video"),
    "timestamp": (0.0, -0.0),
    "quality": (None, 0),
    "labels": (["ab"], ["a", "b"]),
    "opinion": ("positive", "seed"),
    "share_level": (None, "red"),
    "created_at": (None, 1),
    "updated_at": (1, 2),
    "expires_at": (1, None),
    "extra": ("{}", '{"a":1}'),
}


def test_every_column_of_a_record_that_a_partner_says_is_compared() -> None:
    ours = {"list", "source_id", "quarantine", "said_at", "batch", "algorithm", "frame", "digest"}
    assert set(CHANGES) == set(SCHEMA.names) - ours


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_called_by_its_column(name: str) -> None:
    before, after = CHANGES[name]
    rows = claim_rows(**{name: before}), claim_rows(**{name: after})
    assert [(field, claims.tolist()) for field, claims in revisions.revised(*rows)] == [(name, [7])]
    assert list(revisions.revised(rows[0], rows[0])) == []


def test_a_hash_that_is_corrected_does_not_hide_what_else_was_changed() -> None:
    fields = revisions.revised(claim_rows(quality=50), claim_rows(digest=b"2", quality=60))
    assert [name for name, _ in fields] == ["hashes", "quality"]


def test_a_frame_that_is_added_changes_the_hashes_alone() -> None:
    one = claim_rows(timestamp=0.0)
    two = pa.concat_tables([one, claim_rows(frame=1, digest=b"2", timestamp=1.0)])
    assert [name for name, _ in revisions.revised(one, two)] == ["hashes"]


def test_a_claim_whose_rows_go_over_pieces_is_told_once(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    with mock.patch("hashmatch.batches._ROW_GROUP", 2):
        bank.import_list(jsonl([Row("a", PDQ[0], frame=frame) for frame in range(7)]), "one", mode="update")
        told: list[Any] = []
        found = bank.diff("one", jsonl([Row("b", PDQ[0])]), each=told.append)
    assert [plain(one)[:2] for one in told] == [("only_a", "a"), ("only_b", "b")]
    assert (found.claims_only_a, found.hashes_both) == (1, 1)


def test_withdrawn_claims_are_on_neither_side(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    rows = [Row("a", PDQ[0]), Row("b", PDQ[1]), Row("c", PDQ[2])]
    bank.import_list(jsonl(rows), "one", mode="update")
    bank.withdraw("one", "a")
    gone = [dataclasses.replace(rows[0], withdrawn=True), *rows[1:]]
    assert not bank.diff("one", jsonl(gone)).differs
    found = bank.diff("one@1", "one@2")
    assert [(one.difference, one.source_id) for one in found.claims] == [("only_a", "a")]
    assert (found.a, found.b) == ("one@1", "one@2")


def test_a_name_of_the_bank_wins_over_a_file_and_a_path_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bank = HashBank.open("bank")
    bank.import_list(jsonl([Row("a", PDQ[0])]), "rows.csv", mode="update")
    for name in ("rows.csv", "rows.csv@1"):
        Path(name).write_bytes(csv_file([Row("a", PDQ[0]), Row("b", PDQ[1])]).document())
    assert bank.diff("rows.csv", "rows.csv@1").b == "rows.csv@1"
    assert not bank.diff("rows.csv", "rows.csv@1").differs
    assert bank.diff("rows.csv", "./rows.csv").claims_only_b == 1
    assert bank.diff("rows.csv", Path("rows.csv")).claims_only_b == 1
    assert bank.diff("rows.csv", "./rows.csv@1", format="csv").claims_only_b == 1
    bank.drop_list("rows.csv")
    assert not bank.diff("rows.csv", "./rows.csv").differs
    assert bank.diff("rows.csv@1", "rows.csv").claims_only_b == 1


@pytest.mark.parametrize("name", ["two", "one@0", "one@4", "two@1", "one@" + "9" * 18, "none.csv", "one@2"])
def test_what_is_neither_a_list_nor_a_file_is_told(tmp_path: Path, name: str) -> None:
    bank = HashBank.open(tmp_path / "bank")
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update")
    bank.drop_list("one")
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update")
    with pytest.raises(UnknownList, match=name.partition("@")[0]):
        bank.diff("one", name)


def test_without_a_bank_every_name_is_a_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="tcap@1 does not exist"):
        hashmatch.diff_lists("tcap@1", tmp_path / "x.csv")


def test_a_batch_that_was_folded_is_not_known(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    for number in range(2):
        bank.import_list(jsonl([Row("a", PDQ[number])]), "one", mode="update", accept_change=True)
    bank.compact(days=0)
    with pytest.raises(UnknownList, match="folded"):
        bank.diff("one@1", "one")


def test_a_file_is_read_as_the_list_on_the_other_side_remembers(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    source = Source(content=b"case,hash_hex\na," + PDQ[0].encode(), name="north.csv")
    columns = {"source_id": "case", "digest": "hash_hex"}
    bank.import_list(source, "one", mode="replace", map=columns, algorithm="pdq")
    assert not bank.diff(source, "one").differs
    with pytest.raises(FormatError):
        hashmatch.diff_lists(source, source)
    assert not hashmatch.diff_lists(source, source, map=columns, algorithm="pdq").differs


def test_of_a_file_of_several_lists_the_one_that_the_other_side_is(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    rows = [Row("a", PDQ[0], list="one"), Row("b", PDQ[1], list="two"), Row("c", PDQ[2], list="two")]
    bank.import_list(jsonl(rows), mode="update")
    assert not bank.diff("one", jsonl(rows)).differs
    assert not bank.diff(jsonl(rows), "two").differs
    with pytest.raises(FormatError, match="2 lists \\(one, two\\)"):
        hashmatch.diff_lists(jsonl(rows), jsonl(rows))


def test_rejects_and_exports_that_are_cut_are_told() -> None:
    bad = jsonl([Row("a", PDQ[0]), Row("b", PDQ[1], broken="digest")])
    cut = jsonl([Row("a", PDQ[0])], [{"name": "one"}], partial=True)
    found = hashmatch.diff_lists(bad, cut)
    assert (found.rejected, found.partial, found.differs) == (1, ("rows.jsonl",), False)


def test_the_bank_is_as_it_was(tmp_path: Path) -> None:
    bank = HashBank.open(tmp_path / "bank")
    bank.import_list(jsonl([Row("a", PDQ[0])]), "one", mode="update")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "bank").rglob("*") if path.is_file()}
    assert bank.diff("one", jsonl([Row("b", PDQ[0])])).differs
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "bank").rglob("*") if path.is_file()}
    assert after == before


def test_hashes_of_many_first_bytes_are_held_a_part_at_a_time() -> None:
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 256, (2000, 32), np.uint8)
    table = pa.table({"algorithm": ["pdq"] * 2000, "digest": pa.array([code.tobytes() for code in codes], pa.binary())})
    parts = list(hash_sets.hash_sets(lambda: [table], lambda: [table.slice(0, 1000)], 3000, together=300))
    assert len(parts) == 10
    assert max(len(part.only_a) + part.both for part in parts) < 400
    assert (sum(len(part.only_a) for part in parts), sum(part.both for part in parts)) == (1000, 1000)
