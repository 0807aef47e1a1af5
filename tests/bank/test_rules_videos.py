"""docs/bank.md, what it says of known videos, sentence by sentence, as seen from the bank."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hashmatch.bank import HashBank
from hashmatch.errors import UnknownList
from hashmatch.formats.source import Source
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.hashing import hash_file
from hashmatch.matching import Matcher
from hashmatch.records import Mode
from hashmatch.results import HashedMedia, MatchReport

from ..drawing import textured_grey
from ..films import codes, film, known, noisy, upload

MOVIE = film(1, 90, 1.5)
SHOWN = MOVIE.at(np.arange(60))
SHA256 = b"\7" * 32


def lines(rows: Iterable[dict[str, Any]]) -> Source:
    """A list of our own."""
    written = [{"algorithm": "pdq", **row, "digest": row["digest"].hex()} for row in rows]
    return Source(content="\n".join(map(json.dumps, written)).encode(), name="list.jsonl")


def matcher(bank: HashBank, block: Iterable[dict[str, Any]], allow: Iterable[dict[str, Any]] = ()) -> Matcher:
    bank.import_list(lines(block), "block", mode=Mode.UPDATE)
    if allow:
        bank.import_list(lines(allow), "fine", role="allow", mode=Mode.UPDATE)
    bank.publish()
    return Matcher.open(bank.folder)


def flipped(given: np.ndarray, bits: int) -> np.ndarray:
    """The codes with their first bits the other way round."""
    mask = np.packbits((np.arange(256) < bits).astype(np.uint8))
    return given ^ mask


def with_digest(hashed: HashedMedia) -> HashedMedia:
    return replace(hashed, hashes={**hashed.hashes, "sha256": MediaHash("sha256", (FrameHash(SHA256),))})


def told(report: MatchReport) -> tuple[list[str], list[tuple[str, str]]]:
    hidden = [(own.match.record.source_id, own.allowed_by.record.source_id) for own in report.suppressed_videos]
    return [own.record.source_id for own in report.videos], hidden


def test_a_claim_with_frames_is_a_known_video_and_is_replaced_and_withdrawn_as_a_whole(bank: HashBank) -> None:
    asked = matcher(bank, known(SHOWN, source_id="a"))
    assert told(asked.match_hashes(upload(SHOWN))) == (["a"], [])
    bank.import_list(lines(known(codes(9, 60), source_id="a")), "block", accept_change=True)
    bank.publish()
    assert asked.refresh()
    assert told(asked.match_hashes(upload(SHOWN))) == ([], [])
    assert told(asked.match_hashes(upload(codes(9, 60)))) == (["a"], [])
    bank.import_list(lines(known(SHOWN, source_id="b")), "block", accept_change=True)
    bank.withdraw("block", "a")
    bank.publish()
    asked.refresh()
    assert told(asked.match_hashes(upload(codes(9, 60)))) == ([], [])
    assert told(asked.match_hashes(upload(SHOWN))) == (["b"], [])


def test_only_live_frames_count(bank: HashBank) -> None:
    low = known(codes(2, 60), source_id="a", quality=49)
    video = matcher(bank, [*known(SHOWN[:20], source_id="a"), *low]).match_hashes(upload(SHOWN)).videos[0]
    assert (video.known_frames, video.known_share) == (20, 1)


def test_what_allow_lists_hide_is_left_out_before_a_video_is_judged(bank: HashBank) -> None:
    asked = matcher(bank, known(SHOWN, source_id="a"), known(SHOWN, source_id="ok"))
    report = asked.match_hashes(upload(flipped(SHOWN, 4)))
    assert not report.matched
    assert told(report) == ([], [("a", "ok")])
    (hidden,) = report.suppressed_videos
    assert (hidden.match.by, hidden.allowed_by.distance, len(hidden.match.segments)) == ("segments", 4, 1)
    assert hidden.allowed_by.timestamp is not None


def test_an_allow_record_that_is_farther_hides_no_frame(bank: HashBank) -> None:
    asked = matcher(bank, known(flipped(SHOWN, 4), source_id="a"), known(flipped(SHOWN, 8), source_id="ok"))
    assert told(asked.match_hashes(upload(SHOWN))) == (["a"], [])
    nearer = asked.match_hashes(upload(flipped(SHOWN, 8)))
    assert told(nearer) == ([], [("a", "ok")])


def test_what_is_left_is_judged(bank: HashBank) -> None:
    asked = matcher(bank, known(SHOWN, source_id="a"), known(SHOWN[:30], source_id="ok"))
    report = asked.match_hashes(upload(SHOWN))
    assert told(report) == (["a"], [])
    (segment,) = report.videos[0].segments
    assert (segment.upload_start, segment.upload_end) == pytest.approx((30, 60), abs=1)
    assert report.videos[0].known_share == pytest.approx(0.5)


def test_an_allow_record_hides_only_its_own_orientation(bank: HashBank) -> None:
    turned = np.stack(
        [np.frombuffer(frame.orientations["flip_x"], np.uint8) for frame in upload(SHOWN).hashes["pdq"].frames]
    )
    asked = matcher(bank, known(SHOWN, source_id="a"), known(turned, source_id="ok"))
    assert told(asked.match_hashes(upload(SHOWN))) == (["a"], [])


def test_an_allowed_picture_hides_the_frames_that_show_it(bank: HashBank) -> None:
    title = noisy(np.repeat(codes(3, 1), 40, axis=0), 2)
    rows = known(np.concatenate([title, codes(4, 2)]), source_id="a")
    asked = matcher(bank, rows, [{"source_id": "title", "digest": codes(3, 1)[0].tobytes()}])
    report = asked.match_hashes(upload(np.repeat(codes(3, 1), 30, axis=0)))
    assert told(report) == ([], [("a", "title")])


def test_an_exact_allow_hit_hides_all_videos(bank: HashBank) -> None:
    exact = {"source_id": "exact", "algorithm": "sha256", "digest": SHA256}
    asked = matcher(bank, known(SHOWN, source_id="a"), [exact])
    assert told(asked.match_hashes(upload(SHOWN))) == (["a"], [])
    report = asked.match_hashes(with_digest(upload(SHOWN)))
    assert not report.matched
    assert told(report) == ([], [("a", "exact")])
    assert report.suppressed_videos[0].allowed_by.algorithm == "sha256"


def test_a_perceptual_allow_hit_hides_no_digest_of_a_video(bank: HashBank) -> None:
    exact = {"source_id": "b", "algorithm": "sha256", "digest": SHA256, "media_type": "video"}
    asked = matcher(bank, [*known(SHOWN, source_id="a"), exact], known(SHOWN, source_id="ok"))
    report = asked.match_hashes(with_digest(upload(SHOWN)))
    assert [own.record.source_id for own in report.matches] == ["b"]
    assert told(report) == ([], [("a", "ok")])


def test_lists_choose_among_block_lists_and_allow_lists_always_apply(bank: HashBank) -> None:
    bank.import_list(lines(known(SHOWN, source_id="c")), "other", mode=Mode.UPDATE)
    asked = matcher(bank, known(SHOWN, source_id="a"), known(SHOWN[:30], source_id="ok"))
    report = asked.match_hashes(upload(SHOWN), lists=("other",))
    assert told(report) == (["c"], [])
    assert report.videos[0].known_share == pytest.approx(0.5)
    with pytest.raises(UnknownList):
        asked.match_hashes(upload(SHOWN), lists=("fine",))


def test_allowing_an_animation_allows_all_of_its_frames(bank: HashBank, tmp_path: Path) -> None:
    path, mirrored = tmp_path / "a.gif", tmp_path / "b.gif"
    pictures = [Image.fromarray(textured_grey(120, 160, seed)) for seed in range(5)]
    for target, shown in (
        (path, pictures),
        (mirrored, [own.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for own in pictures]),
    ):
        shown[0].save(target, save_all=True, append_images=shown[1:], duration=100)
    frames = Matcher.from_lists([lists_of(tmp_path, path)]).match(path)
    assert [own.by for own in frames.videos] == ["segments"]
    bank.import_list(lists_of(tmp_path, path), "block", mode=Mode.UPDATE)
    bank.allow(path)
    bank.publish()
    for upload_path in (path, mirrored):
        report = Matcher.open(bank.folder).match(upload_path)
        assert (report.matches, report.videos, len(report.suppressed_videos)) == ((), (), 1)


def lists_of(folder: Path, path: Path) -> Path:
    """A list of an animation's frames."""
    rows = [
        {
            "source_id": "animation",
            "algorithm": "pdq",
            "frame": own.frame,
            "timestamp": own.timestamp,
            "digest": own.hex,
            "quality": own.quality,
        }
        for own in hash_file(path, ("pdq",))["pdq"].frames
    ]
    (folder / "list.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "list.jsonl"
