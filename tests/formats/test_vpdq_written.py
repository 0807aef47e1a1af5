"""vPDQ's files as they are written, and what comes back of them."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hashmatch.algorithms import ALGORITHMS
from hashmatch.checking import check
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise, vpdq, vpdq_frames
from hashmatch.formats.source import Source
from hashmatch.records import SCHEMA

from ..vectors import VECTORS, needs_vectors
from .samples import OPTIONS, PDQ
from .videos import FRAMES, Frames, id_of, older_signal, own_id, signal, text, video


def table(frames: Frames, **changes: object) -> pa.Table:
    """Records of one video."""
    record = {
        "list": "l",
        "source_id": "v",
        "algorithm": "pdq",
        "media_type": "video",
        "labels": [],
        "opinion": "positive",
        "said_at": 0,
        "extra": "{}",
        "batch": 1,
    }
    rows = [
        {**record, "frame": n, "quality": q, "digest": bytes.fromhex(code), "timestamp": time, **changes}
        for n, q, code, time in frames
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def written(*tables: pa.Table) -> bytes:
    sink = io.BytesIO()
    FORMATS["vpdq"].write(tables, {}, sink, ())
    return sink.getvalue()


def test_what_is_written_is_what_the_reference_tools_write() -> None:
    assert written(table(FRAMES[1:]), table(FRAMES[:1])) == text(FRAMES)
    harmless = table([(99, 100, PDQ, 9.0)], opinion="negative")
    assert written(table(FRAMES), harmless) == text(FRAMES)


frames_drawn = st.lists(
    st.tuples(
        st.integers(0, 2**31 - 1),
        st.integers(0, 100),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.integers(0, 8_191_999).map(lambda millis: millis / 1000),
    ),
    min_size=1,
    max_size=20,
)


@given(frames_drawn)
@example([(2**31 - 1, 0, "ff" * 32, 8191.999)])
@settings(max_examples=200)
def test_what_is_written_comes_back(frames: Frames) -> None:
    content = written(table(frames))
    assert recognise(Source(content=content), ALGORITHMS).name == "vpdq"
    expected = sorted((n, q, code, float(np.float32(time))) for n, q, code, time in frames)
    assert sorted(video(content)) == expected
    assert id_of(content) == own_id(frames)


@given(frames_drawn)
def test_the_forms_of_a_signal_read_as_the_text_does(frames: Frames) -> None:
    once = list({number: (number, *rest) for number, *rest in frames}.values())
    assert video(older_signal(once).encode()) == video(text(once))  # type: ignore[arg-type]
    signals = vpdq_frames.read_signal(signal(frames))
    assert [frame[1:3] for frame in signals] == [(q, bytes.fromhex(code)) for _, q, code, _ in frames]
    assert [frame.number for frame in signals] == list(range(len(frames)))


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ([], "there is no video to write in the format vpdq"),
        ([table(FRAMES, opinion="negative")], "there is no video to write"),
        ([table(FRAMES), table(FRAMES, source_id="w")], "is one video, and these are several claims, 'v' and 'w'"),
        ([table(FRAMES), table(FRAMES, list="m")], "several claims, 'v' and 'v'"),
        ([table(FRAMES), table(FRAMES[:1], frame=-1)], "1 of the claim's hashes are not pdq of a video's frame"),
        ([table(FRAMES, algorithm="sha256")], "3 of the claim's hashes .*: choose the algorithm pdq"),
        ([table(FRAMES, quality=None)], "3 frames have no quality"),
        ([table(FRAMES, timestamp=None)], "3 frames have no timestamp"),
    ],
)
def test_what_is_not_one_video_is_not_written(tables: list[pa.Table], reason: str) -> None:
    with pytest.raises(FormatError, match=reason):
        written(*tables)


def test_more_frames_than_are_read_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpdq, "MOST_FRAMES", 2)
    with pytest.raises(FormatError, match="2 frames at the most"):
        written(table(FRAMES))


@needs_vectors
@pytest.mark.parametrize("path", sorted((VECTORS / "videos").glob("*.vpdq.txt")), ids=lambda path: path.name)
def test_the_reference_lists_are_read_whole_and_nothing_good_is_quarantined(path: Path) -> None:
    source = Source(path)
    assert recognise(source, ALGORITHMS).name == "vpdq"
    chunks = list(FORMATS["vpdq"].read(source, OPTIONS))
    checked = [check(chunk.rows, None) for chunk in chunks if len(chunk.rows)]
    assert [reject for chunk in chunks for reject in chunk.rejects] == []
    assert [reject for one in checked for reject in one.rejects] == []
    rows = [row for one in checked for row in one.rows.to_pylist()]
    assert len(rows) == path.read_text().count("\n") > 500
    assert [row["quarantine"] for row in rows if row["quality"] >= 50 and row["quarantine"]] == []
    assert [row["frame"] for row in rows] == list(range(len(rows)))
    assert written(table([(r["frame"], r["quality"], r["digest"].hex(), r["timestamp"]) for r in rows])) == (
        path.read_bytes()
    )
