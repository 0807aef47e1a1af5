"""Overlaps, against brute force over sets."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hashmatch
from hashmatch import overlaps
from hashmatch.algorithms import ALGORITHMS
from hashmatch.bank import HashBank
from hashmatch.errors import BankNotFound, InvalidValue, MissingExtra, NotPublished, UnknownName
from hashmatch.heatmap import check_drawing, draw_overlap, percent
from hashmatch.publishing import build
from hashmatch.records import ListSettings, Role
from hashmatch.results import HashOverlap, Overlap
from hashmatch.snapshot import Snapshot

from .bank.files import BLANK_PDQ, MD5, PDQ, Row, jsonl
from .kinds import KINDS, preferring
from .tables import settings as settings_of
from .tables import table

Hash = tuple[str, bytes]
Lists = dict[str, set[Hash]]

NEAR_ENOUGH = 31
FIRST = int(PDQ[0], 16)


def flipped(bits: int, start: int = 0) -> bytes:
    """A PDQ hash at a distance of so many bits from the first one."""
    return (FIRST ^ ((1 << bits) - 1) << start).to_bytes(32, "big")


PDQS = [flipped(bits, start) for start in (0, 100) for bits in (0, 1, 15, 16, 31, 32, 47)]
AHASHES = [bytes([7] * 7 + [number]) for number in (0, 1, 63, 127, 255)]
HASHES: list[Hash] = [
    *(("pdq", code) for code in PDQS),
    *(("ahash", code) for code in AHASHES),
    *(("md5", bytes.fromhex(code)) for code in MD5),
]
LISTS = st.dictionaries(st.sampled_from("abcd"), st.sets(st.sampled_from(HASHES), max_size=8), min_size=1)


def published(folder: Path, lists: Mapping[str, set[Hash]]) -> Snapshot:
    """A snapshot of the lists; every hash is in two claims of its list, and others are not fit to match."""
    rows = [
        {"list": name, "source_id": source_id, "algorithm": algorithm, "digest": digest}
        for name, hashes in lists.items()
        for algorithm, digest in hashes
        for source_id in "12"
    ]
    unfit: list[dict[str, Any]] = [{"quarantine": "blank"}, {"opinion": "negative"}, {"quality": 49}]
    name = min(lists)
    rows += [{"list": name, "source_id": str(place), "digest": PDQS[0], **why} for place, why in enumerate(unfit)]
    version = build(folder, 1, [table(rows)], settings_of(*map(ListSettings, lists)))
    return Snapshot.open(folder / version)


def distance(a: Hash, b: Hash) -> int:
    return (int.from_bytes(a[1], "big") ^ int.from_bytes(b[1], "big")).bit_count()


def expected(lists: Lists, radii: Mapping[str, int], algorithms: Sequence[str]) -> HashOverlap:
    held = {name: {one for one in hashes if one[0] in algorithms} for name, hashes in lists.items()}
    near = [
        [
            sum(any(a[0] == b[0] and distance(a, b) <= radii[a[0]] for b in others) for a in hashes)
            for others in held.values()
        ]
        for hashes in held.values()
    ]
    return HashOverlap(
        tuple(len(hashes) for hashes in held.values()),
        tuple(tuple(len(hashes & others) for others in held.values()) for hashes in held.values()),
        tuple(map(tuple, near)),
        radii[algorithms[0]] if len(algorithms) == 1 else None,
    )


def compared(snapshots: Sequence[Snapshot], radius: Any = None) -> Overlap:
    return overlaps._Overlapping(snapshots, radius, None, None).overlap((), ())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15)
@given(lists=LISTS, radius=st.sampled_from([None, 0, 15, 40]), crowded=st.booleans())
def test_the_matrix_is_that_of_brute_force(kind: str, lists: Lists, radius: int | None, crowded: bool) -> None:
    lists = dict(sorted(lists.items()))
    with tempfile.TemporaryDirectory() as folder, preferring(kind):
        snapshot = published(Path(folder), lists)
        searches = ((4, 1), (2, 3), (1, None)) if crowded else overlaps.SEARCHES
        with (
            mock.patch.object(overlaps, "SEARCHES", searches),
            mock.patch.object(overlaps, "ANSWERS", 3 if crowded else 1 << 22),
            mock.patch.object(overlaps, "_RECORDS", 3 if crowded else 1 << 16),
        ):
            found = compared([snapshot], radius)
    radii = {"pdq": NEAR_ENOUGH if radius is None else radius, "ahash": ALGORITHMS["ahash"].radius, "md5": 0}
    held = sorted({algorithm for hashes in lists.values() for algorithm, _ in hashes})
    if radius is not None and "pdq" not in held:
        # A plain number is meant for the longest perceptual codes that there are.
        radii["ahash"] = radius
    assert found.lists == tuple(lists)
    assert dict(found.algorithms) == {name: expected(lists, radii, [name]) for name in held}
    assert found.total.near == expected(lists, radii, list(radii)).near
    assert found.total.exact == expected(lists, radii, list(radii)).exact
    assert found.snapshots == (snapshot.version,)


@settings(max_examples=10)
@given(LISTS, LISTS)
def test_lists_of_two_snapshots_are_one_matrix(first: Lists, second: Lists) -> None:
    both = dict(sorted(first.items()))
    both |= {f"{name} (file)" if name in first else name: second[name] for name in sorted(second)}
    with tempfile.TemporaryDirectory() as folder:
        snapshots = [published(Path(folder) / str(place), lists) for place, lists in enumerate((first, second))]
        found = compared(snapshots)
    radii = {"pdq": NEAR_ENOUGH, "ahash": ALGORITHMS["ahash"].radius, "md5": 0}
    assert found.lists == tuple(both)
    assert found.total.near == expected(both, radii, list(radii)).near
    assert found.total.exact == expected(both, radii, list(radii)).exact


@pytest.fixture
def bank(tmp_path: Path) -> HashBank:
    bank = HashBank.open(tmp_path / "bank")
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("b", MD5[0], "md5"), Row("c", BLANK_PDQ)]), "one", mode="update")
    bank.import_list(jsonl([Row("x", flipped(20).hex()), Row("y", MD5[0], "md5")]), "two", mode="update", publish=True)
    return bank


def test_a_bank_answers_from_what_is_published(bank: HashBank) -> None:
    version = bank.publish()
    bank.import_list(jsonl([Row("z", PDQ[0])]), "two", mode="update", accept_change=True)
    found = bank.overlap()
    assert (found.snapshots, found.lists) == ((version,), ("one", "two"))
    assert found.algorithms["pdq"] == HashOverlap((1, 1), ((1, 0), (0, 1)), ((1, 1), (1, 1)), 31)
    assert found.total == HashOverlap((2, 2), ((2, 1), (1, 2)), ((2, 2), (2, 2)))
    assert found.total.share(0, 1, near=False) == 0.5
    assert bank.overlap(radius=19).total.share(0, 1) == 0.5
    assert tuple(bank.overlap(algorithms=["md5"]).algorithms) == ("md5",)


def test_files_beside_a_bank_or_alone(bank: HashBank, tmp_path: Path) -> None:
    path = tmp_path / "two.jsonl"
    path.write_bytes(jsonl([Row("x", PDQ[0]), Row("bad", "zz")]).document())
    found = hashmatch.overlap_lists([path], bank=bank.folder)
    assert found.lists == ("one", "two", "two (file)")
    assert found.algorithms["pdq"].exact == ((1, 0, 1), (0, 1, 0), (1, 0, 1))
    assert found.algorithms["pdq"].near == ((1, 1, 1), (1, 1, 1), (1, 1, 1))
    assert (len(found.snapshots), found.reports[0].rejected) == (2, 1)
    alone = hashmatch.overlap_lists([path])
    assert (alone.lists, alone.total.hashes) == (("two",), (1,))


def test_allow_lists_are_lists_too(bank: HashBank) -> None:
    bank.allow(f"pdq:{PDQ[0]}", publish=True)
    assert bank.lists()[0].settings.role is Role.ALLOW
    found = bank.overlap()
    assert found.lists == ("allow", "one", "two")
    assert found.total.exact[0] == (1, 1, 0)


def test_a_list_without_hashes_has_no_share(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", BLANK_PDQ)]), "empty", mode="update", publish=True)
    found = bank.overlap()
    assert found.total.hashes == (0, 2, 2)
    assert found.total.share(0, 1) is None
    assert found.total.share(1, 0) == 0


def test_progress_counts_different_hashes(bank: HashBank) -> None:
    done: list[int] = []
    bank.overlap(progress=done.append)
    assert done[-1] == 3


def test_what_makes_no_sense_is_refused(bank: HashBank, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="name a bank"):
        hashmatch.overlap_lists()
    with pytest.raises(UnknownName):
        bank.overlap(algorithms=["nope"])
    with pytest.raises(InvalidValue):
        bank.overlap(radius=257)
    with pytest.raises(BankNotFound):
        hashmatch.overlap_lists(bank=tmp_path)
    with pytest.raises(NotPublished):
        HashBank.open(tmp_path / "new").overlap()


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (0, "0"), (1e-9, "<1"), (0.01, "1"), (0.5, "50"), (0.985, "98"), (0.999, ">99"), (1, "100")],
)
def test_percent_says_nothing_and_everything_only_of_those(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def square(lists: int) -> Overlap:
    matrix = tuple(tuple(10 if row == column else 3 for column in range(lists)) for row in range(lists))
    own = HashOverlap((10,) * lists, matrix, matrix, 31)
    return Overlap(("s",), tuple(f"list-{number}" for number in range(lists)), {"pdq": own}, own)


@pytest.mark.parametrize("lists", [1, 2, 30])
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_heat_map_holds_every_name_and_number_or_it_is_said_what_is_missing(
    lists: int, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / f"map.{kind}"
    if importlib.util.find_spec("matplotlib") is None:
        with pytest.raises(MissingExtra, match="plot"):
            draw_overlap(square(lists), path)
        assert not path.exists()
        return
    draw_overlap(square(lists), path)
    drawn = path.read_bytes()
    if kind == "png":
        from PIL import Image

        with Image.open(path) as picture:
            assert min(picture.size) > 400
            assert len(np.unique(np.asarray(picture.convert("L")))) > 8
    else:
        # Text is drawn as shapes, and named in comments.
        assert drawn.count(b"<!-- list-") == 2 * lists
        assert drawn.count(b"<!-- 30 -->") == 2 * lists * (lists - 1)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_an_ending_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"\.png"):
        check_drawing(tmp_path / "map.xls")
    with pytest.raises(InvalidValue, match=r"\.png"):
        draw_overlap(square(2), tmp_path / "map")


def test_too_many_lists_are_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="101 lists"):
        draw_overlap(square(101), tmp_path / "map.png")


def test_without_matplotlib_it_is_said_what_to_install(tmp_path: Path) -> None:
    with (
        mock.patch.dict("sys.modules", {"matplotlib": None, "matplotlib.figure": None}),
        pytest.raises(MissingExtra, match=r"^drawing a heat map needs matplotlib: pip install hashmatch\[plot\]$"),
    ):
        draw_overlap(square(2), tmp_path / "map.png")
