"""What lies around added hashes, against a model that compares every hash with every other."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch import HashBank, proximity, remaining, surroundings
from hashmatch.errors import ChangeTooLarge, InvalidValue
from hashmatch.formats.source import Source
from hashmatch.named import NamedHash
from hashmatch.results import ImportReport

from .bank.files import MD5, Row, jsonl

ROLES = {"a": "block", "b": "block", "w": "allow"}
RADII = {"pdq": 3, "md5": 0}
HEADERS = [{"name": name, "role": role, "mode": "update", "radius": {"pdq": 3}} for name, role in ROLES.items()]
PICTURE = int.from_bytes(hashlib.sha256(b"a picture").digest(), "big")
Hash = tuple[str, str]
"""Algorithm and hex."""
Lists = Mapping[str, Mapping[str, frozenset[Hash]]]
"""List -> id -> its hashes."""


def pdq(bits: int) -> Hash:
    """One that differs from ``pdq(0)`` in the bits of a number."""
    return "pdq", f"{PICTURE ^ bits:064x}"


def far(bits: int) -> Hash:
    """One that is near none of ``pdq``."""
    return "pdq", f"{~PICTURE % (1 << 256) ^ bits:064x}"


def distance(one: Hash, other: Hash) -> int:
    if one[0] != other[0]:
        return 999
    return (int(one[1], 16) ^ int(other[1], 16)).bit_count()


@dataclass
class Expected:
    """What the model says of one added hash."""

    near: int | None
    """Distance of the nearest hash of a list of the other role."""
    hidden: int
    """How many such hashes there are."""
    hashes: int
    claims: int


def rows_of(said: Lists) -> list[Row]:
    return [
        Row(source_id, digest, algorithm=algorithm, frame=frame, list=name)
        for name, claims in said.items()
        for source_id, hashes in claims.items()
        for frame, (algorithm, digest) in enumerate(sorted(hashes))
    ]


def model(before: Lists, said: Lists, mode: str) -> dict[tuple[str, str, Hash], Expected]:
    """By list, id and hash."""
    stands = {(name, source_id): hashes for name in before for source_id, hashes in before[name].items()}
    fresh: dict[tuple[str, str], frozenset[Hash]] = {}
    for name, claims in said.items():
        for source_id, hashes in claims.items():
            if stands.get((name, source_id)) != hashes:
                fresh[name, source_id] = hashes
    gone = {key for key in stands if mode == "replace" and key[0] in said and key[1] not in said[key[0]]}
    after = {key: hashes for key, hashes in stands.items() if key not in gone} | fresh
    expected = {}
    for claim, hashes in fresh.items():
        others = {(owner, other) for owner, own in after.items() if owner != claim for other in own}
        for one in hashes - stands.get(claim, frozenset()):
            within = {(owner, other) for owner, other in others if distance(one, other) <= RADII[one[0]]}
            opposed = {other for owner, other in within if ROLES[owner[0]] != ROLES[claim[0]]}
            expected[(*claim, one)] = Expected(
                near=min((distance(one, other) for other in opposed), default=None),
                hidden=len(opposed),
                hashes=len({other for _, other in within}),
                claims=len({owner for owner, _ in within}),
            )
    return expected


def key(named: NamedHash) -> tuple[str, str, Hash]:
    return named.list, named.source_id, (named.algorithm, named.hex)


HASHES = st.one_of(
    st.integers(0, 31).map(pdq),
    st.integers(0, 3).map(lambda place: far(1 << place)),
    st.sampled_from([("md5", digest) for digest in MD5]),
)
CLAIMS = st.dictionaries(
    st.sampled_from("12345"), st.frozensets(HASHES, min_size=1, max_size=4), min_size=1, max_size=5
)
LISTS = st.dictionaries(st.sampled_from(sorted(ROLES)), CLAIMS, min_size=1, max_size=3)


def imported(before: Lists, said: Lists, mode: str, crowd: int, *, dry_run: bool) -> ImportReport:
    """The report of importing ``said`` where ``before`` is published."""
    with tempfile.TemporaryDirectory() as folder, HashBank.open(Path(folder) / "bank") as bank:
        if before:
            bank.import_list(jsonl(rows_of(before), HEADERS), publish=True)
        return bank.import_list(
            jsonl(rows_of(said), [header for header in HEADERS if header["name"] in said]),
            mode=mode,
            accept_change=True,
            publish=True,
            density=crowd,
            dry_run=dry_run,
        )


@settings(max_examples=30)
@given(
    before=st.one_of(st.just({}), LISTS),
    said=LISTS,
    mode=st.sampled_from(["update", "replace"]),
    crowd=st.integers(1, 5),
    dry_run=st.booleans(),
    large=st.sampled_from([1, 2048]),
)
@example({}, {"a": {"1": frozenset({pdq(0), pdq(1), pdq(2)})}}, "update", 1, False, 1)
@example({"a": {"1": frozenset({pdq(0)})}}, {"a": {"1": frozenset({pdq(0), pdq(1)})}}, "update", 1, False, 2048)
@example({"a": {"1": frozenset({pdq(0)})}}, {"a": {"2": frozenset({pdq(0)})}}, "replace", 1, False, 2048)
def test_near_and_crowded_are_those_of_the_model(
    before: Lists, said: Lists, mode: str, crowd: int, dry_run: bool, large: int
) -> None:
    with patch.object(surroundings, "LARGE", large):
        report = imported(before, said, mode, crowd, dry_run=dry_run)
    assert [note for note in report.notes if "hashes" in note] == []
    expected = model(before, said, mode)
    near = {one: own for one, own in expected.items() if own.near is not None}
    assert {key(one): (one.distance, one.hashes, one.more) for one in report.near_allowed.first} == {
        one: (own.near, own.hidden, False) for one, own in near.items()
    }
    after = {name: {**(before.get(name, {}) if mode == "update" else {}), **claims} for name, claims in said.items()}
    for one in report.near_allowed.first:
        assert distance((one.algorithm, one.hex), (one.near.algorithm, one.near.hex)) == one.distance
        assert ROLES[one.near.list] != ROLES[one.list]
        assert (one.near.algorithm, one.near.hex) in {**before, **after}[one.near.list][one.near.source_id]
    crowded = {one: own for one, own in expected.items() if one[2][0] == "pdq" and own.hashes >= crowd}
    assert {key(one): (one.hashes, one.claims, one.more) for one in report.crowded.first} == {
        one: (own.hashes, own.claims, False) for one, own in crowded.items()
    }
    assert (report.near_allowed.count, report.crowded.count) == (len(near), len(crowded))


@settings(max_examples=25)
@example(
    before={"w": {"1": frozenset([pdq(0)])}},
    said={
        "w": {"2": frozenset([pdq(1)])},
        "a": {"1": frozenset([pdq(2)]), "2": frozenset([pdq(3)])},
    },
    crowd=1,
    scanned=False,
    large=1,
)
@given(
    before=st.one_of(st.just({}), LISTS),
    said=LISTS,
    crowd=st.integers(1, 5),
    scanned=st.booleans(),
    large=st.integers(1, 5),
)
def test_where_more_lies_around_than_is_looked_at_nothing_false_is_said(
    before: Lists, said: Lists, crowd: int, scanned: bool, large: int
) -> None:
    with (
        patch.multiple(proximity, _FIRST=1, _SECOND=2, _ANSWERS=3, _NAMED_TOGETHER=2),
        patch.multiple(surroundings, SCANNED=2000 if scanned else 0, IN_MEMORY=2, RECORDS=1, LARGE=large),
        patch.multiple(remaining, CODES_TOGETHER=2),
    ):
        report = imported(before, said, "update", crowd, dry_run=True)
    expected = model(before, said, "update")
    # The nearest is found all the same.
    near = {one: own.near for one, own in expected.items() if own.near is not None}
    assert {key(one): one.distance for one in report.near_allowed.first} == near
    for one in report.near_allowed.first:
        assert one.hashes == expected[key(one)].hidden or (one.more and one.hashes < expected[key(one)].hidden)
    crowded = {one: own for one, own in expected.items() if one[2][0] == "pdq" and own.hashes >= crowd}
    told = {key(one): one for one in report.crowded.first}
    assert set(told) <= set(crowded)
    for name, one in told.items():
        assert one.more or (one.hashes, one.claims) == (crowded[name].hashes, crowded[name].claims)
        assert one.hashes <= crowded[name].hashes
        assert one.claims <= crowded[name].claims
    assert len(told) == len(crowded) or any("not all counted" in note for note in report.notes)


def rows_around(count: int, name: str = "a") -> Source:
    """So many near hashes, each of a claim of its own."""
    return jsonl([Row(str(bits), pdq(bits)[1], list=name) for bits in range(count)], [{"name": name}])


def test_the_first_import_into_an_empty_bank_is_looked_at(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        report = bank.import_list(rows_around(60))
    assert (report.crowded.count, report.crowded.first[0].hashes, report.crowded.first[0].claims) == (60, 59, 59)
    assert bool(report.crowded)
    assert not report.near_allowed


def test_fifty_are_many_unless_another_number_is_said(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        assert [bank.import_list(rows_around(n), dry_run=True).crowded.count for n in (50, 51)] == [0, 51]
        assert bank.import_list(rows_around(50), dry_run=True, density=49).crowded.count == 50
        for wrong in (0, -1, 10_001):
            with pytest.raises(InvalidValue, match="counted from 1 to 10000"):
                bank.import_list(rows_around(3), density=wrong)
        assert bank.history() == ()


def test_of_many_rows_it_is_said_that_nothing_was_looked_at_and_how_to_ask(tmp_path: Path) -> None:
    with patch("hashmatch.taking.FEW_ROWS", 59), HashBank.open(tmp_path / "bank") as bank:
        left_out = bank.import_list(rows_around(60), dry_run=True)
        assert (left_out.crowded.count, len(left_out.notes)) == (0, 1)
        assert "60 added hashes" in left_out.notes[0]
        assert "--check-density" in left_out.notes[0]
        asked = bank.import_list(rows_around(60), dry_run=True, check_density=True)
        assert (asked.crowded.count, asked.notes) == (60, ())
        assert bank.import_list(rows_around(59), dry_run=True).crowded.count == 59
        refused = bank.import_list(rows_around(59), dry_run=True, check_density=False)
        assert (refused.crowded.count, refused.notes) == (0, ())


def test_what_is_not_fit_to_match_neither_crowds_nor_is_crowded(tmp_path: Path) -> None:
    unfit = [Row(str(bits), pdq(bits)[1], list="a", opinion="negative") for bits in range(2)]
    unfit += [Row(str(bits), pdq(bits)[1], list="a", quality=49) for bits in range(2, 4)]
    rows = [*unfit, Row("blank", "00" * 32, list="a"), Row("9", pdq(9)[1], list="a"), Row("8", pdq(8)[1], list="a")]
    with HashBank.open(tmp_path / "bank") as bank:
        report = bank.import_list(jsonl(rows, [{"name": "a", "mode": "update"}]), density=1)
    assert {(one.source_id, one.hashes) for one in report.crowded.first} == {("9", 1), ("8", 1)}


def test_a_digest_equal_to_an_allowed_one_is_named(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.allow(f"md5:{MD5[0]}", publish=True)
        rows = [Row(str(place), digest, algorithm="md5", list="a") for place, digest in enumerate(MD5)]
        report = bank.import_list(jsonl(rows, [{"name": "a", "mode": "update"}]))
    (near,) = report.near_allowed.first
    assert (near.source_id, near.distance, near.near.list, near.near.hex) == ("0", 0, "allow", MD5[0])


def test_allowing_names_what_it_hides(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(rows_around(3), publish=True)
        report = bank.allow(f"pdq:{pdq(1 << 9)[1]}")
    (near,) = report.near_allowed.first
    assert (near.list, near.near.list, near.near.source_id, near.distance, near.hashes) == ("allow", "a", "0", 1, 3)


@pytest.mark.parametrize("publish", [False, True])
def test_it_is_held_against_what_was_published_before(tmp_path: Path, publish: bool) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(rows_around(4), publish=publish)
        report = bank.import_list(jsonl([Row("x", pdq(9)[1], list="b")]), mode="update", publish=True, density=1)
        # With the snapshot that this import itself published its own hash would be among the others.
        assert [one.hashes for one in report.crowded.first] == ([4] if publish else [])


def test_a_damaged_snapshot_is_a_note_and_the_import_stands(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(rows_around(4), publish=True)
        next((tmp_path / "bank" / "snapshots").glob("*/records.arrow")).write_bytes(b"")
        report = bank.import_list(rows_around(3, "b"), density=2)
        assert (report.batch, report.crowded.count) == (2, 3)
        (note,) = report.notes
        assert "held against each other alone" in note
        with patch("hashmatch.taking.proximity", side_effect=RuntimeError("broken")):
            report = bank.import_list(rows_around(3, "c"))
        assert (report.batch, report.notes[-1]) == (
            3,
            "what lies around the added hashes could not be looked at: broken",
        )


def test_the_bank_is_free_meanwhile(tmp_path: Path) -> None:
    seen = []
    with HashBank.open(tmp_path / "bank", lock_seconds=0.1) as bank:

        def look(*asked: object) -> proximity.Proximity:
            with HashBank.open(tmp_path / "bank", lock_seconds=0.1) as other:
                seen.append(other.import_list(rows_around(2, "other"), check_density=False).batch)
            return proximity.Proximity()

        with patch("hashmatch.taking.proximity", look):
            assert bank.import_list(rows_around(3)).batch == 1
    assert seen == [2]


def test_an_import_that_the_guard_stops_is_not_looked_at(tmp_path: Path) -> None:
    with HashBank.open(tmp_path / "bank") as bank:
        bank.import_list(rows_around(4))
        with pytest.raises(ChangeTooLarge) as refused:
            bank.import_list(rows_around(1), mode="replace", name="a")
    assert refused.value.report is not None
    assert len(refused.value.report.examples.withdrawn) == 3
