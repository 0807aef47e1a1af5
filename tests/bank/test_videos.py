"""Known videos in a bank: all frames of one are a claim, go out and come back whole, and are replaced together."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hashmatch.bank import HashBank
from hashmatch.errors import FormatError, InvalidValue
from hashmatch.formats.source import Source
from hashmatch.formats.vpdq_frames import video_id
from hashmatch.hashes import FrameHash, MediaHash
from hashmatch.matching import Matcher
from hashmatch.records import MediaType
from hashmatch.results import HashedMedia

from .files import MD5, PDQ, Row, jsonl
from .looking import known, live, objects, standing

SECONDS = 20
FRAMES = [(30 * n, 12 if n == 0 else 100, f"{'0f' * 30}{n:02x}{255 - n:02x}", 1.001 * n) for n in range(SECONDS)]
NAMES = ("list", "batch", "said_at", "claim_key", "fingerprint", "withdrawal")


def clip(frames: list[tuple[int, int, str, float]] = FRAMES, name: str = "clip.vpdq.txt") -> Source:
    """A video as vPDQ's tools write it."""
    lines = [f"{number},{quality},{code},{seconds:.3f}\n" for number, quality, code, seconds in frames]
    return Source(content="".join(lines).encode(), name=name)


def own_id(frames: list[tuple[int, int, str, float]] = FRAMES) -> str:
    return video_id([number for number, *_ in frames], bytes.fromhex("".join(code for _, _, code, _ in frames)))


def rows(bank: HashBank, name: str) -> list[dict[str, Any]]:
    """The rows of a list, by frame, but for what the log itself says of them."""
    found = [row for held in known(bank, name).values() for row in held]
    return [
        {key: value for key, value in row.items() if key not in NAMES}
        for row in sorted(found, key=lambda row: (row["source_id"], row["frame"], row["algorithm"]))
    ]


def test_all_frames_of_a_video_are_one_claim(bank: HashBank) -> None:
    report = bank.import_list(clip(), "clips", mode="update")
    assert (report.format, report.added, report.rows, report.rejected, report.quarantined) == ("vpdq", 1, SECONDS, 0, 0)
    assert set(known(bank, "clips")) == {own_id()}
    assert [
        (row["frame"], row["quality"], row["digest"].hex(), round(row["timestamp"], 3)) for row in rows(bank, "clips")
    ] == [(number, quality, code, round(seconds, 3)) for number, quality, code, seconds in FRAMES]
    assert {(row["algorithm"], row["media_type"]) for row in rows(bank, "clips")} == {("pdq", "video")}


def test_frames_of_low_quality_stand_and_match_nothing(bank: HashBank) -> None:
    bank.import_list(clip(), "clips", mode="update")
    assert live(bank) == {("clips", own_id(), code) for _, quality, code, _ in FRAMES if quality >= 50}


def test_a_video_that_is_said_again_is_the_same_claim(bank: HashBank) -> None:
    bank.import_list(clip(), "clips", mode="update")
    shuffled = bank.import_list(clip(FRAMES[::-1], "other.txt"), "clips")
    assert (shuffled.unchanged, shuffled.batch) == (1, None)
    better = [(number, 90, code, seconds + 0.5) for number, _, code, seconds in FRAMES]
    assert bank.import_list(clip(better), "clips", accept_change=True).changed == 1
    assert {row["quality"] for row in rows(bank, "clips")} == {90}


@pytest.mark.parametrize("mode", ["update", "replace"])
def test_the_frames_of_a_video_are_replaced_together(bank: HashBank, mode: str) -> None:
    bank.import_list(clip(), "clips", mode="update", source_id="C-1")
    bank.import_list(clip(FRAMES[:2]), "clips", source_id="C-2")
    report = bank.import_list(clip(FRAMES[15:]), "clips", mode=mode, source_id="C-1", accept_change=True)
    assert (report.changed, report.withdrawn) == (1, 1 if mode == "replace" else 0)
    left = {"C-1": {code for _, _, code, _ in FRAMES[15:]}}
    also = {"C-2": {code for _, _, code, _ in FRAMES[:2]}} if mode == "update" else {}
    assert standing(bank, "clips") == left | also


def test_a_video_that_cannot_be_read_whole_does_not_replace_what_stands(bank: HashBank) -> None:
    bank.import_list(clip(), "clips", mode="update", source_id="C-1")
    damaged = Source(content=clip(FRAMES[:9]).head + b"8,100,", name="clip.txt")
    for mode in ("update", "replace"):
        report = bank.import_list(damaged, "clips", mode=mode, source_id="C-1", accept_change=True)
        assert (report.held_back, report.changed, report.rejected) == (1, 0, 1)
        assert len(rows(bank, "clips")) == SECONDS
    # Whose video it is cannot be told without its frames.
    report = bank.import_list(damaged, "clips", accept_change=True)
    assert (report.added, report.held_back, report.withdrawn) == (1, 1, 0)


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("mode", ["update", "replace"])
def test_our_own_formats_carry_videos_whole(bank: HashBank, tmp_path: Path, format: str, mode: str) -> None:
    bank.import_list(clip(), "clips", mode="update", source_id="C-1")
    bank.import_list(clip(FRAMES[3:9]), "clips")
    bank.import_list(jsonl([Row("p", PDQ[0]), Row("p", MD5[0], "md5")]), "clips")
    path = tmp_path / f"export.{format}"
    assert bank.export_list(path, "clips", format, allow_restricted=True).rows == SECONDS + 8
    report = bank.import_list(path, "copy", mode=mode)
    assert (report.format, report.added, report.rejected, report.duplicates) == (format, 3, 0, 0)
    assert rows(bank, "copy") == rows(bank, "clips")
    # And each as one word: what one file says of a video takes the place of all that another one said.
    assert bank.import_list(path, "copy").batch is None
    bank.import_list(clip(FRAMES[:1]), "copy", mode="update", source_id="C-1", accept_change=True)
    assert bank.import_list(path, "copy", mode=mode, accept_change=True).changed == 1
    assert rows(bank, "copy") == rows(bank, "clips")


def test_one_video_of_several_goes_out_as_vpdq(bank: HashBank) -> None:
    bank.import_list(clip(), "clips", mode="update", source_id="C-1")
    bank.import_list(clip(FRAMES[3:9]), "clips", source_id="C-2")
    sink = BytesIO()
    with pytest.raises(
        FormatError, match=r"is one video, and these are several claims, 'C-2' and 'C-1'|'C-1' and 'C-2'"
    ):
        bank.export_list(sink, "clips", "vpdq", allow_restricted=True)
    with pytest.raises(FormatError, match="there is no video to write"):
        bank.export_list(sink, "clips", "vpdq", source_ids=["C-3"], allow_restricted=True)
    assert sink.getvalue() == b""
    report = bank.export_list(sink, "clips", "vpdq", source_ids=["C-1"], allow_restricted=True)
    assert sink.getvalue() == clip().document()
    assert (report.rows, report.claims, report.partial) == (SECONDS, 1, True)
    assert report.losses == ("list", "media_type", "source_id")
    assert any("cannot carry list, media_type, source_id" in warning for warning in report.warnings)
    bank.import_list(Source(content=sink.getvalue()), "copy", source_id="C-1")
    assert rows(bank, "copy") == [row for row in rows(bank, "clips") if row["source_id"] == "C-1"]


def test_a_video_among_other_hashes_goes_out_by_its_algorithm(bank: HashBank) -> None:
    bank.import_list(clip(), "clips", mode="update", source_id="C-1")
    export = BytesIO()
    bank.export_list(export, "clips", "jsonl", allow_restricted=True)
    digest = json.dumps({"list": "clips", "source_id": "C-1", "algorithm": "md5", "digest": MD5[0]}).encode()
    bank.import_list(Source(content=export.getvalue() + digest), "clips", accept_change=True)
    sink = BytesIO()
    with pytest.raises(FormatError, match=r"1 of the claim's hashes are not pdq .*: choose the algorithm pdq"):
        bank.export_list(sink, "clips", "vpdq", allow_restricted=True)
    bank.export_list(sink, "clips", "vpdq", algorithms=["pdq"], allow_restricted=True)
    assert sink.getvalue() == clip().document()


def test_some_claims_of_a_list_go_out_and_the_file_says_so(bank: HashBank) -> None:
    bank.import_list(jsonl([Row("a", PDQ[0]), Row("b", PDQ[1]), Row("c", PDQ[2])]), "one")
    sink = BytesIO()
    report = bank.export_list(sink, "one", source_ids=["a", "c"], allow_restricted=True)
    header, *lines = objects(Source(content=sink.getvalue()))
    assert ({line["source_id"] for line in lines}, header["partial"], report.claims) == ({"a", "c"}, True, 2)


def test_only_a_file_that_is_one_claim_is_given_an_id(bank: HashBank) -> None:
    with pytest.raises(InvalidValue, match=r"^rows.jsonl is jsonl, which says its ids itself"):
        bank.import_list(jsonl([Row("a", PDQ[0])]), "one", source_id="C-1")
    assert bank.lists() == ()


def test_a_folder_of_lists_names_its_videos(tmp_path: Path) -> None:
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_bytes(clip(FRAMES[3:9] if name == "two.txt" else FRAMES).head)
    stated = {"one.txt": {"source_id": "C-1"}, "two.txt": {"name": "second"}}
    (tmp_path / "lists.json").write_text(json.dumps(stated))
    matcher = Matcher.from_lists([tmp_path])
    assert [(report.format, report.added) for report in matcher.reports] == [("vpdq", 1)] * 2
    snapshot = matcher.snapshot
    records = snapshot.records("pdq", np.arange(len(snapshot.codes("pdq"))))
    found = {(row["list"], row["source_id"]) for row in records.to_pylist()}
    assert found == {("one", "C-1"), ("second", own_id(FRAMES[3:9]))}
    (tmp_path / "lists.json").write_text(json.dumps({"one.txt": {"source_id": "a\nb"}}))
    with pytest.raises(FormatError, match="is no id"):
        Matcher.from_lists([tmp_path])


@pytest.mark.parametrize("mode", ["update", "replace"])
def test_a_film_of_three_hours_that_we_hashed_is_one_claim(bank: HashBank, mode: str) -> None:
    from hashmatch.cli.lines import hash_line

    codes = [bytes.fromhex(f"{'0f' * 28}{n:04x}{0xFFFF - n:04x}") for n in range(3 * 3600)]
    frames = tuple(
        FrameHash(code, quality=100, orientations={"original": code}, frame=30 * n, timestamp=n * 1.001)
        for n, code in enumerate(codes)
    )
    whole = {name: MediaHash(name, (FrameHash(bytes([7]) * size),)) for name, size in (("md5", 16), ("sha256", 32))}
    film = HashedMedia({**whole, "pdq": MediaHash("pdq", frames)}, media_type=MediaType.VIDEO)
    line = json.dumps({**hash_line("film.mp4", film), "duration": 10_810.8}).encode() + b"\n"
    assert len(line) > 1024 * 1024
    other = json.dumps(hash_line("a.jpg", HashedMedia({"md5": MediaHash("md5", (FrameHash(b"\1" * 16),))}))).encode()
    report = bank.import_list(Source(content=line + other, name="ours.jsonl"), "own", mode=mode)
    assert (report.format, report.added, report.rows, report.rejected) == ("hashes", 2, len(codes) + 3, 0)
    held = known(bank, "own")[f"sha256:{'07' * 32}"]
    pdq = sorted((row for row in held if row["algorithm"] == "pdq"), key=lambda row: row["frame"])
    assert [(row["frame"], row["digest"]) for row in pdq] == [(30 * n, code) for n, code in enumerate(codes)]
    assert {row["media_type"] for row in held} == {"video"}
    assert {row["extra"] for row in held} == {'{"duration":10810.8,"file":"film.mp4"}'}
    shorter = FrameHash(codes[0], quality=100, frame=0, timestamp=0.0)
    film = HashedMedia({**whole, "pdq": MediaHash("pdq", (shorter, shorter))}, media_type=MediaType.VIDEO)
    again = json.dumps(hash_line("film.mp4", film)).encode()
    report = bank.import_list(Source(content=again, name="ours.jsonl"), "own", mode=mode, accept_change=True)
    assert (report.changed, report.withdrawn) == (1, 1 if mode == "replace" else 0)
    assert len(known(bank, "own")[f"sha256:{'07' * 32}"]) == 3
