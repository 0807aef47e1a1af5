from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hashmatch.algorithms.orientations import turn
from hashmatch.errors import (
    BankDamaged,
    BankNotFound,
    IndexMismatch,
    InvalidValue,
    NotPublished,
    UnknownList,
    UnknownName,
)
from hashmatch.hashes import ORIENTATIONS, FrameHash, MediaHash
from hashmatch.hashing import hash_image
from hashmatch.matching import Matcher
from hashmatch.publishing import build, publish
from hashmatch.records import ListSettings, Role
from hashmatch.results import HashedMedia
from hashmatch.snapshot import Snapshot

from .drawing import textured
from .forking import true_in_child
from .tables import settings, table

LISTS = settings(
    ListSettings("tcap", partner="Tech Against Terrorism"),
    ListSettings("other"),
    ListSettings("empty"),
    ListSettings("allow", role=Role.ALLOW),
)
PIXELS = textured(200, 260, seed=1)
SECRET = b"the bytes of some document"

pytestmark = pytest.mark.usefixtures("kind")


def rows_of(pixels: np.ndarray, **own: Any) -> list[dict[str, Any]]:
    hashed = hash_image(pixels, ("pdq", "phash"))
    return [{**own, "algorithm": name, "digest": hashed[name].digest} for name in ("pdq", "phash")]


ROWS = [
    *rows_of(PIXELS, source_id="1", labels=["ideology:x"]),
    *rows_of(PIXELS, source_id="7", list="other", opinion="disputed"),
    {"source_id": "2", "algorithm": "sha256", "digest": hashlib.sha256(SECRET).digest()},
]


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "bank.json").write_text("{}")
    publish(tmp_path / "bank", 1, [table(ROWS)], LISTS)
    return tmp_path / "bank"


@pytest.fixture
def matcher(bank: Path) -> Matcher:
    return Matcher.open(bank)


def saved(folder: Path, pixels: np.ndarray, name: str = "picture.png") -> Path:
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_every_record_of_a_picture_is_told(matcher: Matcher, tmp_path: Path) -> None:
    report = matcher.match(saved(tmp_path, PIXELS))
    told = [(own.distance, own.algorithm, own.record.list, own.record.source_id) for own in report.matches]
    assert told == [
        (0, "pdq", "other", "7"),
        (0, "pdq", "tcap", "1"),
        (0, "phash", "other", "7"),
        (0, "phash", "tcap", "1"),
    ]
    assert report.matches[1].record.partner == "Tech Against Terrorism"
    assert report.matches[1].record.labels == ("ideology:x",)
    assert report.matches[0].record.opinion == "disputed"
    assert report.error is None
    assert report.matched
    assert report.snapshot == matcher.version
    assert report.file == str(tmp_path / "picture.png")
    assert report.hashed is not None
    assert set(report.hashed) == set(matcher.algorithms) == {"pdq", "phash", "sha256"}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_turned_picture_is_found_and_the_orientation_is_told(orientation: str, matcher: Matcher) -> None:
    report = matcher.match(np.ascontiguousarray(turn(PIXELS, orientation)))
    nearest = {own.orientation for own in report.matches if own.algorithm == "pdq"}
    # What turns the upload back: a quarter turn is undone by the opposite one, all else by itself.
    back = {"rotate90": "rotate270", "rotate270": "rotate90"}.get(orientation, orientation)
    assert nearest == {back}
    assert report.error is None


def test_pictures_in_memory_and_files_of_all_kinds_of_paths(matcher: Matcher, tmp_path: Path) -> None:
    path = saved(tmp_path, PIXELS)
    for source in (path, str(path), PIXELS, Image.fromarray(PIXELS), path.read_bytes(), io.BytesIO(path.read_bytes())):
        assert len(matcher.match(source).matches) == 4


def test_another_picture_matches_nothing(matcher: Matcher) -> None:
    report = matcher.match(textured(200, 260, seed=2))
    assert (report.matches, report.suppressed, report.low_quality, report.error) == ((), (), (), None)
    assert not report.matched


def test_a_document_is_matched_by_its_bytes_and_is_no_error(matcher: Matcher, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(SECRET)
    report = matcher.match(tmp_path / "a.txt")
    assert [(own.algorithm, own.record.source_id) for own in report.matches] == [("sha256", "2")]
    assert report.error is None


@pytest.mark.parametrize("name", ["a.jpg", "a.PNG", "clip.mp4"])
def test_pixels_that_cannot_be_decoded_are_an_error_and_the_bytes_are_matched(
    name: str, matcher: Matcher, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(SECRET)
    report = matcher.match(tmp_path / name)
    assert [own.record.source_id for own in report.matches] == ["2"]
    assert report.error is not None
    assert "pixels" in report.error


def test_a_torn_picture_is_an_error_whatever_it_is_called(matcher: Matcher, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(saved(tmp_path, PIXELS).read_bytes()[:2000])
    report = matcher.match(tmp_path / "upload")
    assert report.error is not None
    assert not report.matched
    assert report.hashed is not None
    assert "sha256" in report.hashed


def test_files_that_cannot_be_read_are_errors(matcher: Matcher, tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        report = matcher.match(path)
        assert report.error is not None
        assert report.hashed is None
        assert report.file == str(path)
        assert report.snapshot == matcher.version


def test_where_nothing_can_be_computed_it_is_an_error(tmp_path: Path) -> None:
    snapshot = Snapshot.open(tmp_path / build(tmp_path, 1, [table(ROWS[:2])], LISTS))
    matcher = Matcher.from_snapshot(snapshot)
    (tmp_path / "a.txt").write_bytes(SECRET)
    assert matcher.match(tmp_path / "a.txt").error is not None
    elsewhere = HashedMedia({"md5": MediaHash("md5", (FrameHash(b"\0" * 16),))})
    error = matcher.match_hashes(elsewhere).error
    assert error is not None
    assert "pdq" in error
    digests = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 2, [table(ROWS[4:])], LISTS)))
    assert digests.match(PIXELS).error is not None


def test_low_quality_is_told_and_not_matched_unless_asked(tmp_path: Path) -> None:
    soft = np.full((128, 128), 100, np.uint8)
    soft[20:60, 30:90] = 110
    hashed = hash_image(soft, ("pdq",))
    assert hashed["pdq"].quality is not None
    assert hashed["pdq"].quality < 50
    rows = [{"digest": hashed["pdq"].digest}]
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], LISTS)))
    report = matcher.match(soft)
    assert (report.matches, report.low_quality, report.error) == ((), ("pdq",), None)
    asked = matcher.match(soft, min_quality=0)
    assert (len(asked.matches), asked.low_quality) == (1, ())


def flipped(digest: bytes, bits: int) -> bytes:
    return (int.from_bytes(digest, "big") ^ ((1 << bits) - 1)).to_bytes(len(digest), "big")


def upload(pdq: bytes) -> HashedMedia:
    return HashedMedia({"pdq": MediaHash("pdq", (FrameHash(pdq, 100),))})


def test_the_radius_of_the_call_wins_over_the_lists_and_that_over_the_algorithms(tmp_path: Path) -> None:
    lists = {**LISTS, "other": replace(LISTS["other"], radius={"pdq": 40})}
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table(ROWS)], lists)))

    def found(bits: int, **options: Any) -> list[str]:
        return [
            own.record.list for own in matcher.match_hashes(upload(flipped(ROWS[0]["digest"], bits)), **options).matches
        ]

    assert found(31) == ["other", "tcap"]
    assert found(32) == ["other"]
    assert found(40) == ["other"]
    assert found(41) == []
    assert found(41, radius=41) == ["other", "tcap"]
    assert found(41, radius={"pdq": 41}) == ["other", "tcap"]
    assert found(40, radius={"phash": 9}) == ["other"]
    assert found(32, radius=31) == []
    assert found(256, radius=256) == ["other", "tcap"]
    with pytest.raises(InvalidValue, match="from 0 to 256"):
        found(0, radius=257)


def test_a_plain_radius_is_one_of_the_longest_codes(tmp_path: Path) -> None:
    short = {**ROWS[0], "algorithm": "phash", "digest": bytes(range(8))}
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table([*ROWS, short])], LISTS)))
    near = HashedMedia({"phash": MediaHash("phash", (FrameHash(flipped(short["digest"], 7)),))})
    assert not matcher.match_hashes(near, radius=31).matched
    assert matcher.match_hashes(near, radius={"phash": 7}).matched


def test_a_radius_never_widens_a_digest(matcher: Matcher) -> None:
    digest = flipped(hashlib.sha256(SECRET).digest(), 1)
    hashed = HashedMedia({"sha256": MediaHash("sha256", (FrameHash(digest),))})
    assert not matcher.match_hashes(hashed, radius=200).matched
    with pytest.raises(InvalidValue, match="sha256"):
        matcher.match_hashes(hashed, radius={"sha256": 1})


def test_arguments_that_make_no_sense_are_refused(matcher: Matcher) -> None:
    for radius in (-1, {"pdq": -1}, {"pdq": "31"}, 3.5):
        with pytest.raises(InvalidValue):
            matcher.match(PIXELS, radius=radius)  # type: ignore[arg-type]
    with pytest.raises(UnknownName, match="pqd"):
        matcher.match(PIXELS, radius={"pqd": 3})
    with pytest.raises(InvalidValue):
        matcher.match(PIXELS, min_quality=-1)
    with pytest.raises(InvalidValue, match="bytes"):
        matcher.match_hashes(upload(b"\0" * 31))


def test_some_lists_on_request(matcher: Matcher) -> None:
    assert {own.record.list for own in matcher.match(PIXELS, lists=["other"]).matches} == {"other"}
    with pytest.raises(UnknownList, match="stray"):
        matcher.match(PIXELS, lists=["tcap", "stray"])
    with pytest.raises(UnknownList, match="allow list"):
        matcher.match(PIXELS, lists=["allow"])
    with pytest.raises(InvalidValue):
        matcher.match(PIXELS, lists=[])
    with pytest.raises(InvalidValue):
        matcher.match(PIXELS, lists="tcap")
    with pytest.raises(NotPublished, match="empty"):
        matcher.match(PIXELS, lists=["empty"])


def test_allow_lists_apply_whatever_lists_are_asked(tmp_path: Path) -> None:
    rows = [*ROWS, *rows_of(PIXELS, list="allow", source_id="fine")]
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], LISTS)))
    report = matcher.match(PIXELS, lists=["other"])
    assert not report.matched
    assert {(own.match.record.list, own.allowed_by.record.source_id) for own in report.suppressed} == {
        ("other", "fine")
    }


def test_an_exactly_allowed_file_hides_pixels_but_no_other_digest(tmp_path: Path) -> None:
    content = saved(tmp_path, PIXELS).read_bytes()
    rows = [
        *ROWS,
        {"list": "allow", "algorithm": "sha256", "digest": hashlib.sha256(content).digest()},
        {"source_id": "9", "algorithm": "md5", "digest": hashlib.md5(content).digest()},
    ]
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], LISTS)))
    report = matcher.match(content)
    assert [own.algorithm for own in report.matches] == ["md5"]
    assert len(report.suppressed) == 4
    assert {own.allowed_by.algorithm for own in report.suppressed} == {"sha256"}


def test_refresh_picks_up_what_was_published_and_answers_keep_theirs(matcher: Matcher, bank: Path) -> None:
    first = matcher.version
    neighbors = matcher.search(matcher.snapshot.codes("pdq"))
    running = matcher.match_many([PIXELS, PIXELS])  # type: ignore[list-item]
    assert next(running).snapshot == first
    assert not matcher.refresh()
    for batch in (2, 3, 4):
        version = publish(bank, batch, [table(ROWS[:1])], LISTS)
    assert matcher.match(PIXELS).snapshot == first
    assert matcher.refresh()
    assert matcher.version == version
    assert len(matcher.match(PIXELS).matches) == 1
    assert next(running).snapshot == first
    assert [own.list for own in neighbors.records(0)] == ["other", "tcap"]
    assert neighbors.snapshot.version == first


def test_refresh_to_an_empty_snapshot_is_an_error(matcher: Matcher, bank: Path) -> None:
    first = matcher.version
    publish(bank, 2, [], LISTS)
    with pytest.raises(NotPublished):
        matcher.refresh()
    assert matcher.version == first


def test_what_cannot_be_matched_against_is_refused_at_open(tmp_path: Path) -> None:
    with pytest.raises(BankNotFound):
        Matcher.open(tmp_path / "none")
    (tmp_path / "bank.json").write_text("{}")
    with pytest.raises(NotPublished):
        Matcher.open(tmp_path)
    publish(tmp_path, 1, [], LISTS)
    with pytest.raises(NotPublished, match="empty"):
        Matcher.open(tmp_path)
    publish(tmp_path, 2, [table(rows_of(PIXELS, list="allow"))], LISTS)
    with pytest.raises(NotPublished, match="block"):
        Matcher.open(tmp_path)
    version = publish(tmp_path, 3, [table(ROWS)], LISTS)
    assert Matcher.open(tmp_path).version == version
    (tmp_path / "snapshots" / version / "records.arrow").unlink()
    with pytest.raises(BankDamaged):
        Matcher.open(tmp_path)


def test_search_is_the_bare_lookup(matcher: Matcher) -> None:
    pdq = np.frombuffer(ROWS[0]["digest"], np.uint8)[np.newaxis]
    found = matcher.search(np.concatenate([pdq, ~pdq]))
    assert found.offsets.tolist() == [0, 1, 1]
    assert found.distances.tolist() == [0]
    assert [(own.list, own.source_id) for own in found.records(0)] == [("other", "7"), ("tcap", "1")]
    assert found.records(-1) == found.records(0)
    with pytest.raises(IndexError):
        found.records(1)
    assert matcher.search(~pdq, radius=256).distances.tolist() == [256]
    with pytest.raises(UnknownName):
        matcher.search(pdq, algorithm="ahash")
    with pytest.raises(IndexMismatch):
        matcher.search(pdq[:, 1:])
    for radius in (-1, 257):
        with pytest.raises(IndexMismatch, match="radius"):
            matcher.search(pdq, radius=radius)
    with pytest.raises(IndexMismatch, match="radius"):
        matcher.search(pdq, algorithm="sha256", radius=1)


def test_search_with_a_limit_keeps_the_nearest_and_says_what_it_cut(tmp_path: Path) -> None:
    digest = ROWS[0]["digest"]
    rows = [{"source_id": str(bits), "digest": flipped(digest, bits)} for bits in (5, 3, 0, 9, 1)]
    matcher = Matcher.from_snapshot(Snapshot.open(tmp_path / build(tmp_path, 1, [table(rows)], LISTS)))
    codes = np.frombuffer(digest + flipped(digest, 40), np.uint8).reshape(2, 32)
    found = matcher.search(codes, limit=3)
    assert found.distances.tolist() == [0, 1, 3, 31]
    assert [found.records(i)[0].source_id for i in range(4)] == ["0", "1", "3", "9"]
    assert found.cut.tolist() == [True, False]
    assert not matcher.search(codes, limit=5).cut.any()
    assert found.part(1, 2).records(0) == found.records(3)
    with pytest.raises(IndexMismatch, match="limit"):
        matcher.search(codes, limit=0)


def test_a_child_of_a_fork_matches_too(matcher: Matcher) -> None:
    expected = matcher.match(PIXELS)
    assert true_in_child(lambda: matcher.match(PIXELS).matches == expected.matches)
