from __future__ import annotations

import pytest

from hashmatch.algorithms import ALGORITHMS
from hashmatch.errors import FormatError
from hashmatch.formats import FORMATS, recognise
from hashmatch.formats.source import HEAD_BYTES, Source

from .samples import MD5, PDQ, PDQ_2, SHA256, as_lines, read, rejects_of, rows_of, sample


def hashed(**changes: object) -> dict[str, object]:
    line = {"file": "a.jpg", "error": None, "hashes": {"pdq": {"hex": PDQ, "quality": 97}}, "media_type": "image"}
    return {**line, **changes}


def test_all_hashes_of_a_file_are_one_claim() -> None:
    claim = {"line": 1, "source_id": f"sha256:{SHA256}", "media_type": "image", "extra": '{"file":"a.jpg"}'}
    assert rows_of("hashes", sample("hashes")) == [
        {**claim, "algorithm": "pdq", "digest": PDQ, "quality": "97"},
        {**claim, "algorithm": "sha256", "digest": SHA256},
    ]
    assert not FORMATS["hashes"].row_is_word


@pytest.mark.parametrize(
    ("digests", "expected"),
    [
        (["md5", "sha1", "sha256", "sha512"], "sha512:aa"),
        (["md5", "sha1"], "sha1:aa"),
        (["md5"], "md5:aa"),
        ([], f"pdq:{PDQ}"),
    ],
)
def test_the_strongest_digest_names_the_file(digests: list[str], expected: str) -> None:
    hashes = {"pdq": {"hex": PDQ}, **{name: {"hex": "AA"} for name in digests}}
    assert {row["source_id"] for row in rows_of("hashes", as_lines(hashed(hashes=hashes)))} == {expected}


def test_a_video_has_a_row_per_frame() -> None:
    frames = [
        {"frame": 0, "hex": PDQ, "quality": 90, "timestamp": 0.0},
        {"frame": 30, "hex": PDQ_2, "quality": None, "timestamp": 1.25},
    ]
    content = as_lines(hashed(hashes={"pdq": {"hex": PDQ, "frames": frames}, "md5": {"hex": MD5}}, media_type="video"))
    rows = rows_of("hashes", content)
    assert [(row["digest"], row.get("frame"), row.get("timestamp"), row.get("quality")) for row in rows] == [
        (PDQ, "0", "0.0", "90"),
        (PDQ_2, "30", "1.25", None),
        (MD5, None, None, None),
    ]
    assert {row["source_id"] for row in rows} == {f"md5:{MD5}"}


def test_a_file_that_was_not_hashed_is_a_reject() -> None:
    content = as_lines(hashed(hashes={}, error="it is no picture"), hashed(), hashed(hashes={}), hashed(hashes=None))
    assert rejects_of("hashes", content) == [
        (1, "a.jpg could not be hashed: it is no picture"),
        (3, "no hash"),
        (4, "no hash"),
    ]
    assert [row["line"] for row in rows_of("hashes", content)] == [2]


def test_what_was_hashed_in_part_is_taken_with_the_error() -> None:
    content = as_lines(hashed(error="no pdq: cut short", hashes={"md5": {"hex": MD5}}, width=5))
    assert rows_of("hashes", content)[0]["extra"] == '{"error":"no pdq: cut short","file":"a.jpg","width":5}'


@pytest.mark.parametrize(
    "hashes", [5, {"pdq": PDQ}, {"pdq": {"hex": [1]}}, {"pdq": {}}, {"pdq": {"frames": [1]}}, {"pdq": {"frames": 7}}]
)
def test_other_shapes_are_rejects(hashes: object) -> None:
    content = as_lines(hashed(), hashed(hashes=hashes))
    assert [line for line, _ in rejects_of("hashes", content)] == [2]


def test_the_output_of_match_is_not_taken_for_a_list() -> None:
    assert not FORMATS["hashes"].recognises(Source(content=as_lines({**hashed(), "matches": []})), ALGORITHMS)


def film(**more: object) -> dict[str, object]:
    """A video of three hours, a frame a second: more than what is looked at."""
    seconds = [{"frame": 30 * n, "hex": f"{n:064x}", "quality": 100, "timestamp": n * 1.001} for n in range(10_800)]
    return hashed(file="film.mp4", hashes={"pdq": {"hex": PDQ, "frames": seconds}, **more}, media_type="video")


def test_a_long_video_is_one_claim_and_what_else_is_said_of_it_is_kept() -> None:
    line = {**film(sha256={"hex": SHA256}), "duration": 10_810.8}
    content = as_lines(line)
    assert len(content) > HEAD_BYTES
    assert recognise(Source(content=content), ALGORITHMS) is FORMATS["hashes"]
    *frames, digest = rows_of("hashes", content)
    said = {"line": 1, "media_type": "video", "extra": '{"duration":10810.8,"file":"film.mp4"}'}
    assert {key: value for key, value in digest.items() if key in said} == said
    assert [row["frame"] for row in frames] == [str(30 * n) for n in range(10_800)]
    assert {row["source_id"] for row in frames} == {f"sha256:{SHA256}"}


def test_a_long_line_of_match_is_not_taken_for_a_list() -> None:
    found = {**film(), "matches": []}
    with pytest.raises(FormatError, match="a line of what match found"):
        read("hashes", as_lines(found))
    assert rejects_of("hashes", as_lines(hashed(), found)) == [(2, "a line of what match found, not of hash")]


def test_other_json_lines_are_not_in_the_format() -> None:
    with pytest.raises(FormatError, match="not in the format hashes"):
        read("hashes", as_lines({"digest": PDQ}))


def test_reasons_quote_little_of_the_file() -> None:
    long = "x" * 1_000_000
    records = [{"file": long, "hashes": {}, "error": long}, {"file": "a", "hashes": {long: 5}}]
    records += [{"file": "a", "hashes": {long: {}}}, {"file": "a", "hashes": {long: {"frames": 5}}}]
    rejects = rejects_of("hashes", as_lines(hashed(), *records))
    assert [line for line, _ in rejects] == [2, 3, 4, 5]
    assert max(len(reason) for _, reason in rejects) < 300
    assert rejects[0][1] == f"{'x' * 100} could not be hashed: {'x' * 100}"


def frames(count: int) -> list[dict[str, object]]:
    return [{"hex": PDQ, "frame": number} for number in range(count)]


def test_what_is_said_of_a_file_is_bounded_as_it_stands_in_each_row() -> None:
    (row,) = rows_of("hashes", as_lines(hashed(note="x" * 100_000, hashes={"pdq": {"hex": PDQ}})))
    assert row["extra"] == '{"file":"a.jpg","left_out":["note"]}'
    long = "x" * 25_000
    for said in (
        {"note": long},
        {"media_type": long},
        {"hashes": {"pdq": {"frames": frames(3000)}, "md5": {"hex": "a" * 25_000}}},
        {"hashes": {long: {"frames": frames(3000)}}},
    ):
        record = hashed(**{"hashes": {"pdq": {"frames": frames(3000)}}, **said})
        ((line, reason),) = rejects_of("hashes", as_lines(hashed(), record))
        assert line == 2
        assert "hashes that repeat more than 67108864 bytes" in reason
    assert len(rows_of("hashes", as_lines(hashed(note=long, hashes={"pdq": {"frames": frames(100)}})))) == 100
