"""vPDQ's files, and signals of python-threatexchange as files."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError, InvalidValue
from hashmatch.formats import FORMATS, recognise, vpdq, vpdq_frames
from hashmatch.formats.source import HEAD_BYTES, Source
from hashmatch.formats.vpdq_frames import VideoFrame
from hashmatch.importing import read_list

from .samples import MD5, PDQ, PDQ_2, SHA256, read, rejects_of, rows_of
from .videos import FRAMES, Frames, id_of, older_signal, own_id, signal, text, video


def test_a_row_for_each_frame_and_one_claim_for_all() -> None:
    claim = {"source_id": own_id(FRAMES), "algorithm": "pdq", "media_type": "video"}
    assert rows_of("vpdq", text(FRAMES)) == [
        {**claim, "line": 1, "frame": 0, "digest": bytes.fromhex(PDQ), "quality": 100, "timestamp": 0.0},
        {
            **claim,
            "line": 2,
            "frame": 30,
            "digest": bytes.fromhex(PDQ_2),
            "quality": 97,
            "timestamp": float(np.float32(1.001)),
        },
        {**claim, "line": 3, "frame": 61, "digest": bytes.fromhex(SHA256), "quality": 12, "timestamp": 12.5},
    ]
    form = FORMATS["vpdq"]
    assert (form.mode, form.row_is_word, form.one_claim) == (None, False, True)


@pytest.mark.parametrize(
    "line",
    [
        f"30,97,{PDQ_2.upper()},1.25",
        f"30,97,{PDQ_2},1.25e+00",
        f"30,97,{PDQ_2},125E-2",
        f" 30 , 97 , {PDQ_2} , 1.250\t",
        f"00030,097,{PDQ_2},+1.25",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n \n"])
def test_each_way_to_write_a_frame(line: str, end: str) -> None:
    content = f"\ufeff{end}0,100,{PDQ},0.000{end}{line}{end}".encode()
    assert recognise(Source(content=content, name="clip.csv"), ALGORITHMS).name == "vpdq"
    assert video(content) == [(0, 100, PDQ, 0.0), (30, 97, PDQ_2, 1.25)]


@pytest.mark.parametrize("time", ["-0.000", "0", "-0", ".0", "0.", "0e5"])
def test_the_first_frame_is_at_nought_however_that_is_written(time: str) -> None:
    ((_, _, _, seconds),) = video(f"0,100,{PDQ},{time}\n".encode())
    assert str(seconds) == "0.0"


BAD = [
    (f"1,100,{PDQ}", "is no frame: that is number,quality,hash,seconds"),
    (f"1,100,{PDQ},0.1,x", "is no frame"),
    ("Dear all", "is no frame"),
    ("," * 1_000_000, "is no frame"),
    (f"-1,100,{PDQ},0.1", "'-1' is no number of a frame (from 0 to 2147483647)"),
    (f"2147483648,100,{PDQ},0.1", "'2147483648' is no number of a frame"),
    (f"1.0,100,{PDQ},0.1", "'1.0' is no number of a frame"),
    (f",100,{PDQ},0.1", "'' is no number of a frame"),
    (f"1,101,{PDQ},0.1", "'101' is no quality (from 0 to 100)"),
    (f"1,-1,{PDQ},0.1", "'-1' is no quality"),
    (f"1,{'9' * 5000},{PDQ},0.1", "is no quality"),
    (f"1,100,{PDQ[1:]},0.1", "is not 64 hexadecimal digits"),
    (f"1,100,{PDQ}0,0.1", "is not 64 hexadecimal digits"),
    (f"1,100,{'g' * 64},0.1", "is not 64 hexadecimal digits"),
    (f"1,100,{PDQ},", "'' is no time in seconds from 0 up"),
    (f"1,100,{PDQ},-0.1", "'-0.1' is no time"),
    (f"1,100,{PDQ},nan", "'nan' is no time"),
    (f"1,100,{PDQ},inf", "'inf' is no time"),
    (f"1,100,{PDQ},1e39", "'1e39' is no time"),
    (f"1,100,{PDQ},1_0", "'1_0' is no time"),
    (f"1,100,{PDQ},1e1000", "is no time"),
    (f"1,100,{PDQ},{'1' * 1_000_000}x", "is no time"),
    (f"1,100,{PDQ},{' ' * 1_000_000}x", "is no time"),
    (f"1,100,{PDQ},0.1\u0663", "is no time"),
    ("frame,quality,hash,timestamp", "'frame' is no number of a frame"),
]


@pytest.mark.parametrize(("line", "reason"), BAD)
def test_anything_else_is_a_reject_with_its_line_and_the_next_goes_on(line: str, reason: str) -> None:
    content = text(FRAMES[:1]) + f"{line}\n".encode() + text(FRAMES[1:])
    assert [row["frame"] for row in rows_of("vpdq", content)] == [0, 30, 61]
    ((number, found),) = rejects_of("vpdq", content)
    assert number == 2
    assert reason in found
    assert len(found) < 200


@pytest.mark.parametrize("line", [line for line, _ in BAD])
def test_bytes_that_are_no_text_are_rejects(line: str) -> None:
    content = text(FRAMES) + line.encode()[:200] + b"\xff\n"
    assert [number for number, _ in rejects_of("vpdq", content)] == [4]


def test_signals_are_read_as_files_too() -> None:
    places = [(place, *frame[1:]) for place, frame in enumerate(FRAMES)]
    rounded = [(n, q, code, float(f"{time:.3}")) for n, q, code, time in places]
    for content in (signal(FRAMES), json.dumps(json.loads(signal(FRAMES)), indent=2), f"\ufeff\n{signal(FRAMES)}\n"):
        assert recognise(Source(content=content.encode(), name="clip.json"), ALGORITHMS).name == "vpdq"
        assert video(content.encode()) == rounded
        assert id_of(content.encode()) == own_id(rounded)
    for content in (older_signal(FRAMES), json.dumps(json.loads(older_signal(FRAMES)), indent=2)):
        assert recognise(Source(content=content.encode(), name="clip.json"), ALGORITHMS).name == "vpdq"
        assert video(content.encode()) == [(n, q, code, float(np.float32(time))) for n, q, code, time in FRAMES]
        assert id_of(content.encode()) == own_id(FRAMES)


def test_times_of_three_digits_have_exponents() -> None:
    content = signal([(0, 100, PDQ, 123.456), (1, 100, PDQ_2, 12.345), (2, 100, SHA256, 10_800.0)])
    assert "1.23e+02" in content
    assert [time for *_, time in video(content.encode())] == [123.0, float(np.float32(12.3)), 10_800.0]


@pytest.mark.parametrize(
    "part",
    [
        f'"{PDQ},100"',
        f'"0,100,{PDQ},0.0"',
        f'"{PDQ},101,0.0"',
        f'"{PDQ},100,-1"',
        f'"{PDQ[1:]},100,0.0"',
        "5",
        "null",
        "[]",
        f'{{"hash":"{PDQ}","quality":100}}',
        f'{{"hash":"{PDQ}","quality":"100","timestamp":0}}',
        f'{{"hash":"{PDQ}","quality":1{"0" * 4000},"timestamp":0}}',
        f'{{"hash":"{PDQ}","quality":100,"timestamp":1e999}}',
    ],
)
def test_a_part_that_is_no_frame_is_a_reject_of_a_file_and_costs_a_signal_within_another_list(part: str) -> None:
    good = f'"{PDQ},100,0.0"'
    assert [row["frame"] for row in rows_of("vpdq", f"[{good},{part},{good}]".encode())] == [0, 2]
    assert [line for line, _ in rejects_of("vpdq", f"[{good},{part},{good}]".encode())] == [2]
    content = f"pdq {PDQ}\nvpdq [{good},{part},{good}]\n".encode()
    assert [row["line"] for row in rows_of("lines", content)] == [1]
    ((line, reason),) = rejects_of("lines", content)
    assert line == 2
    assert "frame '1': " in reason or "not JSON" in reason
    assert "'vpdq [" in reason
    assert len(reason) < 300


@pytest.mark.parametrize("content", [b"[]", b"{}", b"[1", b'{"0":', b'"a"', b"5", b"[" * 100_000, b'["a"] ["b"]'])
def test_what_is_no_signal_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match=r"^list is not in the format vpdq: [^\n]+$"):
        read("vpdq", content)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"Dear all\n", f"pdq {PDQ}\n".encode(), b"1,2,3,4\n" * 200])
def test_what_holds_no_frame_is_a_format_error(content: bytes) -> None:
    with pytest.raises(FormatError, match="is not in the format vpdq"):
        read("vpdq", content)


def test_a_video_is_named_by_its_frames_and_by_nothing_else() -> None:
    same = [
        text(FRAMES),
        text(FRAMES[::-1]),
        text(FRAMES + FRAMES[:1]),
        text(FRAMES).upper().replace(b"\n", b"\r\n"),
        text([(number, 50, code, time + 1) for number, _, code, time in FRAMES]),
        older_signal(FRAMES).encode(),
        gzip.compress(text(FRAMES)),
    ]
    assert {id_of(content) for content in same} == {own_id(FRAMES)}
    other = [text(FRAMES[1:]), text([(number + 1, *rest) for number, *rest in FRAMES]), text(swapped())]  # type: ignore[misc]
    assert len({id_of(content) for content in [text(FRAMES), *other]}) == 4


def swapped() -> Frames:
    """The first two frames' hashes, each in the place of the other."""
    (first, _, one, start), (second, _, two, end), *rest = FRAMES
    return [(first, 100, two, start), (second, 97, one, end), *rest]


def test_the_user_may_name_a_video_and_its_rejects_speak_of_it() -> None:
    content = text(FRAMES) + b"no\n"
    file = read_list(Source(content=content), source_id=" clip 7 ")
    (part,) = file.parts
    ids = {row["source_id"] for rows in part.words.columns(["source_id"]) for row in rows.to_pylist()}
    assert ids == {"clip 7"}
    assert [(reject.line, reject.source_id) for reject in file.rejects] == [(4, "clip 7")]
    assert (len(part.words), part.rows) == (1, 3)


@pytest.mark.parametrize("source_id", ["", " ", "a\nb", "x" * 5000])
def test_what_is_no_id_is_refused(source_id: str) -> None:
    with pytest.raises(InvalidValue, match="is no id"):
        read_list(Source(content=text(FRAMES)), source_id=source_id)


def test_a_file_of_several_claims_is_given_no_id() -> None:
    with pytest.raises(InvalidValue, match=r"^list is lines, which says its ids itself: .* given to vpdq alone$"):
        read_list(Source(content=f"pdq {PDQ}\n".encode(), name="list"), source_id="a")


@pytest.mark.parametrize("write", [text, lambda frames: signal(frames).encode()])
def test_a_video_of_too_many_frames_is_a_reject_and_nothing_of_it_is_taken(
    write: Callable[[Frames], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (vpdq, vpdq_frames):
        monkeypatch.setattr(module, "MOST_FRAMES", 3)
    assert len(video(write(FRAMES))) == 3
    content = write(FRAMES * 2)
    if content[:1] == b"[":
        with pytest.raises(FormatError, match="a video of more than"):
            read("vpdq", content)
        return
    assert rows_of("vpdq", content) == []
    ((line, reason),) = rejects_of("vpdq", content)
    assert (line, reason) == (4, f"a video of more than {330_000} frames")


def test_a_signal_of_too_many_frames_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpdq_frames, "MOST_FRAMES", 2)
    content = f"pdq {PDQ}\nvpdq {signal(FRAMES)}\nvpdq {signal(FRAMES[:2])}\n".encode()
    assert [row["line"] for row in rows_of("lines", content)] == [1, 3, 3]
    assert [line for line, _ in rejects_of("lines", content)] == [2]


@pytest.mark.parametrize("content", [b'["' + b"a" * 40_000_000, b"[" + b"1," * 2_000_000 + b"1]", b"0," * 20_000_000])
def test_what_a_stranger_makes_long_takes_little_memory(content: bytes) -> None:
    tracemalloc.start()
    with pytest.raises(FormatError, match=r"too large for one document|more than 330000 frames|not in the format vpdq"):
        read("vpdq", content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 128 * 1024 * 1024


def test_three_hours_of_every_frame_are_one_claim() -> None:
    count = 3 * 60 * 60 * 30
    content = b"".join(b"%d,100,%064x,%.3f\n" % (n, n, n / 30) for n in range(count))
    chunks = read("vpdq", content)
    assert sum(len(chunk.rows) for chunk in chunks) == count
    assert len({own for chunk in chunks for own in chunk.rows.column("source_id").unique().to_pylist()}) == 1
    last = chunks[-2].rows.slice(len(chunks[-2].rows) - 1).to_pylist()[0]
    assert (last["frame"], round(last["timestamp"], 3)) == (count - 1, 10_799.967)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("csv", f"frame,quality,hash,timestamp\n0,100,{PDQ},0.000\n"),
        ("csv", f"id,size,sha256,seen\n0,100,{SHA256},0.5\n"),
        ("lines", f"00000000,100,{PDQ}\n"),
        ("lines", f"{PDQ},100,0.000\n"),
        ("lines", f"{PDQ},100,a,0.5\n"),
        ("lines", f"{signal(FRAMES)}\n{signal(FRAMES[1:])}\n"),
        ("jsonl", json.dumps({"id": 0, "quality": 100, "hash": PDQ, "timestamp": 0.5}) + "\n"),
    ],
)
def test_it_does_not_take_the_files_of_others(name: str, content: str) -> None:
    assert recognise(Source(content=content.encode(), name="list"), ALGORITHMS).name == name


@pytest.mark.parametrize(
    "content",
    [
        f"7,12,{SHA256},1700000000\n8,15,{SHA256},1700000001\n",
        f"7,4096,{SHA256},1.5\n",
        f"7,12,{MD5},1.5\n",
        f"7,12,{SHA256},1.5\n{'7,4096,1,1.5' * 2}\n",
    ],
)
def test_columns_without_a_header_are_no_video(content: str) -> None:
    with pytest.raises(FormatError, match="in no list format"):
        recognise(Source(content=content.encode(), name="list"), ALGORITHMS)


def test_signals_longer_than_what_is_looked_at_are_recognised() -> None:
    frames = [(n, 100, f"{n:064x}", n * 1.0) for n in range(20_000)]
    for content, name in (
        (signal(frames), "vpdq"),
        (older_signal(frames), "vpdq"),
        (f"# ours\nvpdq {signal(frames)}\npdq {PDQ}\n", "lines"),
    ):
        assert len(content) > HEAD_BYTES
        assert recognise(Source(content=content.encode()), ALGORITHMS).name == name
        assert len(rows_of(name, content.encode())) >= 20_000


def test_a_frame_is_what_it_says() -> None:
    assert vpdq_frames.read_line(text(FRAMES[:1]).rstrip()) == VideoFrame(0, 100, bytes.fromhex(PDQ), 0.0)
