"""python-threatexchange's signals of videos in lists of other hashes: each is one claim, of a row for each frame."""

from __future__ import annotations

import json

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import Source
from hashmatch.formats.vpdq_frames import read_signal, video_id
from hashmatch.importing import read_list

from .samples import MD5, PDQ, PDQ_2, read, rejects_of, rows_of

SIGNAL = json.dumps([f"{PDQ},100,0.0", f"{PDQ_2},12,1.25e+02"])
OLDER = json.dumps(
    {"0": {"quality": 100, "hash": PDQ, "timestamp": 0.0}, "1": {"quality": 12, "hash": PDQ_2, "timestamp": 125}}
)
OWN = video_id([0, 1], bytes.fromhex(PDQ + PDQ_2))
FRAME = {"algorithm": "pdq", "media_type": "video"}
FRAMES = [
    {**FRAME, "digest": PDQ, "frame": "0", "timestamp": "0.0", "quality": "100"},
    {**FRAME, "digest": PDQ_2, "frame": "1", "timestamp": "125.0", "quality": "12"},
]


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def dataset(*rows: str) -> bytes:
    return ("signal_type,signal_str,collab,category,tags\n" + "".join(f"{row}\n" for row in rows)).encode()


@pytest.mark.parametrize("name", ["vpdq", "VPDQ", "video_vpdq", "HASH_VIDEO_VPDQ"])
@pytest.mark.parametrize("signal", [SIGNAL, OLDER])
def test_a_dataset_has_videos_beside_other_hashes(name: str, signal: str) -> None:
    row = f"{name},{quoted(signal)},Sample,INVESTIGATION_SEED,group:example media_priority_s3"
    content = dataset(f"pdq,{PDQ},Sample,POSITIVE_CLASS,", row, f"video_md5,{MD5},Sample,POSITIVE_CLASS,")
    first, *frames, last = rows_of("pytx-dataset", content)
    (plain,) = rows_of("pytx-dataset", dataset(f"pdq,{PDQ},Sample,INVESTIGATION_SEED,group:example media_priority_s3"))
    said = {key: plain[key] for key in ("labels", "opinion", "extra")}
    assert frames == [{**frame, **said, "line": 3, "source_id": f"Sample:{OWN}"} for frame in FRAMES]
    assert (first["line"], last["line"]) == (2, 4)


def test_what_two_collaborations_say_of_one_video_are_two_claims() -> None:
    rows = [f"vpdq,{quoted(SIGNAL)},{collab},POSITIVE_CLASS," for collab in ("one", "two", "")]
    (part,) = read_list(Source(content=dataset(*rows))).parts
    ids = [row["source_id"] for rows in part.words.columns(["source_id"]) for row in rows.to_pylist()]
    assert sorted(ids) == sorted([f"one:{OWN}"] * 2 + [f"two:{OWN}"] * 2 + [OWN] * 2)
    assert len(part.words) == 3


@pytest.mark.parametrize("name", ["vpdq ", "VPDQ:", "video_vpdq\t", "vpdq: ", ""])
@pytest.mark.parametrize("signal", [SIGNAL, OLDER])
def test_lines_have_videos_beside_other_hashes(name: str, signal: str) -> None:
    content = f"pdq {PDQ}\n{name}{signal}\r\nvideo_md5 {MD5}\n".encode()
    assert recognise(Source(content=content), ALGORITHMS).name == "lines"
    _, *frames, _ = rows_of("lines", content)
    assert frames == [{**frame, "line": 2, "source_id": OWN} for frame in FRAMES]
    assert rejects_of("lines", content) == []


def test_lines_may_be_videos_alone() -> None:
    several = f"{SIGNAL}\n{json.dumps([f'{PDQ_2},99,0.0'])}\n".encode()
    named = f"vpdq {SIGNAL}\n".encode()
    for content, count in ((several, 3), (named, 2)):
        assert recognise(Source(content=content), ALGORITHMS).name == "lines"
        assert len(rows_of("lines", content)) == count
    assert not FORMATS["lines"].recognises(Source(content=b"vpdq nonsense\n"), ALGORITHMS)


@pytest.mark.parametrize(
    ("signal", "reason"),
    [
        (MD5, "not JSON"),
        ("[]", "a video without frames"),
        ("{}", "a video without frames"),
        ('["a"]', "frame '0': 'a' is no frame: that is hash,quality,seconds"),
        (f'["{PDQ},100,0.0", "{PDQ},100,-1"]', "frame '1': '-1' is no time in seconds from 0 up"),
        (f'{{"x": {{"quality": 1, "hash": "{PDQ}", "timestamp": 0}}}}', "frame 'x': 'x' is no number of a frame"),
        (f'{{"{"9" * 500}": 5}}', "frame '999"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_signal_that_cannot_be_read_whole_is_a_reject(signal: str, reason: str) -> None:
    good = f"pdq,{PDQ},c,POSITIVE_CLASS,"
    for name, content in (
        ("pytx-dataset", dataset(good, f"vpdq,{quoted(signal)},c,POSITIVE_CLASS,", good)),
        ("lines", f"\npdq {PDQ}\nvpdq {signal}\npdq {PDQ}\n".encode()),
    ):
        assert [row["line"] for row in rows_of(name, content)] == [2, 4]
        ((line, found),) = rejects_of(name, content)
        assert line == 3
        assert found.startswith(reason) or "nested too deeply" in found
        assert len(found) < 300


def test_bytes_that_are_no_text_cost_their_line_alone() -> None:
    content = f"pdq {PDQ}\nvpdq {SIGNAL}\n".encode() + b'vpdq ["\xff"]\n'
    assert [row["line"] for row in rows_of("lines", content)] == [1, 2, 2]
    assert [line for line, _ in rejects_of("lines", content)] == [3]


def test_what_is_said_of_a_video_is_bounded_as_it_stands_in_each_row() -> None:
    signal = quoted(json.dumps([f"{n:064x},100,{n}" for n in range(3000)]))
    good = f"vpdq,{signal},c,POSITIVE_CLASS,"
    for row in (f"vpdq,{signal},{'c' * 30_000},POSITIVE_CLASS,", f"vpdq,{signal},c,POSITIVE_CLASS,{'t' * 30_000}"):
        content = dataset(row, good)
        ((line, reason),) = rejects_of("pytx-dataset", content)
        assert (line, reason) == (2, "3000 frames that repeat more than 67108864 bytes of what is said of the video")
        assert len(rows_of("pytx-dataset", content)) == 3000


def test_a_film_of_three_hours_is_one_signal() -> None:
    signal = json.dumps([f"{second:064x},100,{float(second):.3}" for second in range(3 * 3600)])
    assert len(read_signal(signal)) == 10_800
    chunks = read("pytx-dataset", dataset(*[f"vpdq,{quoted(signal)},c,POSITIVE_CLASS,"] * 40))
    assert sum(len(chunk.rows) for chunk in chunks) == 40 * 10_800
    assert max(len(chunk.rows) for chunk in chunks) < 32_768 + 10_800
    # Three digits do not tell every second of three hours apart, but the places do.
    assert len({row["frame"] for row in chunks[0].rows.slice(0, 10_800).to_pylist()}) == 10_800
