"""The levels of a search: what each finds more than the one before, how it is told, and what hides it."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hashmatch.algorithms import ALGORITHMS
from hashmatch.algorithms.pdq import PDQ
from hashmatch.cli.main import main
from hashmatch.errors import InvalidValue, UnknownName
from hashmatch.frames import Frame, Pixels
from hashmatch.hashing import hash_file, hash_image
from hashmatch.matching import Matcher
from hashmatch.publishing import build
from hashmatch.query_codes import QueryCodes
from hashmatch.records import ListSettings, Role
from hashmatch.results import Match
from hashmatch.snapshot import Snapshot
from hashmatch.thoroughness import MOST_OF_A_FRAME, Thoroughness, searched_views

from .clips import film, video, write
from .drawing import textured
from .tables import settings as list_settings
from .tables import table
from .variants.framing import laid

LISTS = list_settings(ListSettings("tcap"), ListSettings("allow", role=Role.ALLOW))
PICTURE = (textured(420, 560, 3) // 2 + 60).astype(np.uint8)
BARS = laid(PICTURE, (120, 120, 0, 0), (0, 0, 0)).pixels
"""The picture with bars above and below."""
CROPPED = np.ascontiguousarray(PICTURE[8:-9, 11:-12])
"""2 % of it are gone on each side."""


def row(pixels: Pixels, **own: Any) -> dict[str, Any]:
    return {"algorithm": "pdq", "digest": hash_image(pixels)["pdq"].digest, "quality": 100, **own}


def matcher(folder: Path, *rows: dict[str, Any]) -> Matcher:
    return Matcher.from_snapshot(Snapshot.open(folder / build(folder, 1, [table(rows)], LISTS)))


@pytest.fixture
def listed(tmp_path: Path) -> Matcher:
    return matcher(tmp_path, row(PICTURE, source_id="1"))


def told(matches: tuple[Match, ...]) -> list[tuple[str, str, str | None]]:
    return [(own.record.source_id, own.orientation, own.view.kind if own.view else None) for own in matches]


@pytest.mark.parametrize(
    ("upload", "first", "found"),
    [
        (PICTURE, "plain", ("1", "original", None)),
        (PICTURE[:, ::-1], "turned", ("1", "flip_y", None)),
        (BARS, "thorough", ("1", "original", "bordered")),
        (np.rot90(BARS, 2), "thorough", ("1", "rotate180", "bordered")),
        (CROPPED, "thorough", ("1", "original", "extended")),
    ],
)
def test_each_level_finds_more_than_the_one_before(
    upload: Pixels, first: str, found: tuple[str, str, str | None], listed: Matcher
) -> None:
    levels = [level.value for level in Thoroughness]
    for level in levels:
        matches = told(listed.match(np.ascontiguousarray(upload), search=level).matches)
        assert matches == ([found] if levels.index(level) >= levels.index(first) else []), level


def test_the_view_says_what_was_put_back(listed: Matcher) -> None:
    (match,) = listed.match(CROPPED, search="thorough").matches
    assert str(match.view) == "extended: top 2 % bottom 2 % left 2 % right 2 % put back"
    assert match.distance <= 16


def test_turned_is_what_is_searched_unless_asked(listed: Matcher) -> None:
    mirrored = np.ascontiguousarray(PICTURE[:, ::-1])
    assert listed.match(mirrored) == listed.match(mirrored, search="turned")
    assert listed.match(mirrored).matches
    assert not listed.match(BARS).matches


def test_a_level_may_be_given_as_itself_and_no_other_name_is_taken(listed: Matcher) -> None:
    assert listed.match(BARS, search=Thoroughness.THOROUGH).matches
    with pytest.raises(UnknownName, match="there is no search 'deep'"):
        listed.match(BARS, search="deep")


def test_files_in_workers_are_searched_alike(listed: Matcher, tmp_path: Path) -> None:
    path = tmp_path / "bars.png"
    Image.fromarray(BARS).save(path)
    here = [listed.match(path, search="thorough")]
    assert told(here[0].matches) == [("1", "original", "bordered")]
    for workers in (0, 1):
        assert list(listed.match_many([path], workers=workers, search="thorough")) == here


def test_hashes_with_views_are_searched_as_the_picture_is(listed: Matcher) -> None:
    hashed = hash_image(BARS, ("pdq", "sha256"), views=True)
    assert hashed.views
    assert listed.match_hashes(hashed, search="thorough").matches == listed.match(BARS, search="thorough").matches
    assert not listed.match_hashes(hashed).matches, "views are searched only if that is asked for"


def test_hashes_without_views_are_not_taken_for_searched(listed: Matcher, tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="views=True"):
        listed.match_hashes(hash_image(BARS), search="thorough")
    (tmp_path / "file").write_bytes(b"no picture")
    assert not listed.match_hashes(hash_file(tmp_path / "file", ("sha256",)), search="thorough").matches


@pytest.mark.parametrize("name", [name for name, own in ALGORITHMS.items() if own.radius and own is not PDQ])
def test_what_has_no_views_is_searched_turned(name: str, tmp_path: Path) -> None:
    rows = [{"algorithm": name, "digest": hash_image(PICTURE, (name,))[name].digest}]
    mirrored = np.ascontiguousarray(PICTURE[::-1])
    found = [matcher(tmp_path, *rows).match(mirrored, search=level).matches for level in ("turned", "thorough")]
    assert found[0] == found[1] != ()


def test_a_view_of_too_low_quality_is_dropped() -> None:
    dull = laid(np.full((300, 300, 3), 90, np.uint8), (60, 60, 60, 60), (0, 0, 0)).pixels
    assert [own.view for own in searched_views(Frame(dull), PDQ) if own.view.cuts] == []
    views = [own for own in searched_views(Frame(BARS), PDQ) if own.view.cuts]
    assert views
    assert all(view.quality is not None and view.quality >= 50 for view in views)


def test_of_a_frame_of_a_video_little_is_looked_for_and_nothing_put_back() -> None:
    views = [own.view for own in searched_views(Frame(BARS, number=3), PDQ)]
    assert 1 <= len(views) <= MOST_OF_A_FRAME
    assert all(view.cuts and (view.rows, view.columns) == (view.rows.bare, view.columns.bare) for view in views)


def test_what_is_framed_so_widely_that_it_has_little_quality_is_searched_by_its_views(tmp_path: Path) -> None:
    small = laid(np.ascontiguousarray(PICTURE[::3, ::3]), (190, 190, 260, 260), (255, 255, 255)).pixels
    quality = hash_image(small)["pdq"].quality
    assert quality is not None
    searching = matcher(tmp_path, row(PICTURE))
    report = searching.match(small, search="thorough", min_quality=quality + 1)
    assert [own.view is not None for own in report.matches] == [True]
    assert report.low_quality == ()
    assert searching.match(small, min_quality=quality + 1).low_quality == ("pdq",)


def test_an_allowed_picture_stays_allowed_by_all_levels(tmp_path: Path) -> None:
    allowed = row(BARS, list="allow", source_id="ours")
    searching = matcher(tmp_path, row(PICTURE, source_id="1"), allowed)
    report = searching.match(BARS, search="thorough")
    assert report.matches == ()
    (hidden,) = report.suppressed
    assert told((hidden.match,)) == [("1", "original", "bordered")]
    assert (hidden.allowed_by.record.source_id, hidden.allowed_by.view, hidden.allowed_by.distance) == ("ours", None, 0)


def test_what_is_inside_an_allowed_picture_is_allowed(tmp_path: Path) -> None:
    searching = matcher(tmp_path, row(PICTURE), row(PICTURE, list="allow"))
    report = searching.match(BARS, search="thorough")
    assert (report.matches, len(report.suppressed)) == ((), 1)
    assert report.suppressed[0].allowed_by.view == report.suppressed[0].match.view


def animation(folder: Path, *pictures: Pixels) -> Path:
    path = folder / "animation.webp"
    frames = [Image.fromarray(picture) for picture in pictures]
    frames[0].save(path, save_all=True, append_images=frames[1:], lossless=True, duration=1000)
    return path


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_allowed_frame_hides_nothing_of_another_that_shows_the_same(order: tuple[int, int], tmp_path: Path) -> None:
    bars = [BARS, laid(PICTURE, (0, 0, 160, 160), (255, 255, 255)).pixels]
    searching = matcher(tmp_path, row(PICTURE), row(bars[0], list="allow"))
    assert not searching.match(bars[0], search="thorough").matches
    assert searching.match(bars[1], search="thorough").matches
    frames = [np.asarray(Image.fromarray(bars[place]).resize((700, 660))) for place in order]
    report = searching.match(animation(tmp_path, *frames), search="thorough")
    assert len(report.matches) == 1


def test_the_least_quality_that_is_asked_for_holds_for_views() -> None:
    frame = hash_image(BARS, views=True)["pdq"].frames[0]
    views = tuple(
        replace(own, quality=quality) for own, quality in zip(frame.views, itertools.cycle((60, 80)), strict=False)
    )
    for quality, wanted in (
        (90, {-1, *range(1, len(views), 2)}),
        (70, {n for n in range(1, len(views), 2) if views[n].view.cuts}),
    ):
        codes = QueryCodes.of(
            "pdq", 32, [replace(frame, quality=quality, views=views)], search=Thoroughness.THOROUGH, least=75
        )
        assert set(codes.view.tolist()) == wanted


def test_frames_without_any_quality_have_no_codes() -> None:
    codes = QueryCodes.of("pdq", 32, [], search=Thoroughness.THOROUGH)
    assert (len(codes.codes), len(codes.whole)) == (0, 0)


def test_an_allow_hit_that_is_farther_hides_no_view(tmp_path: Path) -> None:
    far = np.frombuffer(hash_image(BARS)["pdq"].digest, np.uint8).copy()
    far[:3] ^= 255
    allowed = {"algorithm": "pdq", "digest": far.tobytes(), "list": "allow", "quality": 100}
    report = matcher(tmp_path, row(PICTURE), allowed).match(BARS, search="thorough")
    assert [match.distance < 24 for match in report.matches] == [True]
    assert report.suppressed == ()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), margins=st.tuples(*[st.integers(0, 80)] * 4), listed=st.integers(0, 3))
def test_nothing_that_a_level_finds_is_lost_by_the_next(
    seed: int, margins: tuple[int, int, int, int], listed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pixels = textured(200, 240, seed)
    framed = laid(pixels, margins, (20, 20, 20)).pixels
    known = [pixels, framed, np.ascontiguousarray(pixels[:, ::-1]), textured(90, 90, seed + 1)][listed]
    searching = matcher(tmp_path_factory.mktemp("list"), row(known))
    distances = [[own.distance for own in searching.match(framed, search=level).matches] for level in Thoroughness]
    for less, more in itertools.pairwise(distances):
        assert len(less) <= len(more)
        assert all(after <= before for before, after in zip(less, more, strict=False))


def written(pictures: list[Pixels], seconds: int = 2) -> bytes:
    """Each picture for so many seconds."""
    height, width = pictures[0].shape[:2]
    shown = [picture for picture in pictures for _ in range(25 * seconds)]

    def write_into(sink: Any) -> None:
        stream = video(sink, height=height, width=width)
        stream.codec_context.bit_rate = 4_000_000
        write(sink, stream, shown)

    return film("mp4", write_into)


def test_a_clip_with_bars_is_found_and_the_variant_is_told(tmp_path: Path) -> None:
    shots = [(textured(96, 192, seed) // 2 + 60).astype(np.uint8) for seed in range(6)]
    frames = hash_image(written(shots))["pdq"].frames
    rows = [
        row(shots[0], digest=own.digest, media_type="video", frame=own.frame, timestamp=own.timestamp, source_id="film")
        for own in frames
    ]
    searching = matcher(tmp_path, *rows)
    barred = written([laid(shot[:, ::-1], (48, 48, 0, 0), (0, 0, 0)).pixels for shot in shots])
    assert searching.match(barred).videos == ()
    report = searching.match(barred, search="thorough")
    (found,) = report.videos
    (segment,) = found.segments
    assert (segment.variant, segment.orientation) == ("bordered", "flip_y")
    assert (segment.upload_start, segment.known_start) == (0, 0)
    assert found.known_share == 1.0
    assert searching.match(written(shots), search="thorough").videos[0].segments[0].variant is None


def test_a_clip_under_a_caption_and_within_margins_is_found_with_its_segment(tmp_path: Path) -> None:
    shots = [(textured(144, 256, seed) // 2 + 60).astype(np.uint8) for seed in range(20, 32)]
    frames = hash_image(written(shots, 1))["pdq"].frames
    rows = [
        row(shots[0], digest=own.digest, media_type="video", frame=own.frame, timestamp=own.timestamp, source_id="film")
        for own in frames
    ]
    page = np.full((240, 288, 3), 235, np.uint8)
    for left in range(30, 250, 9):
        page[12:24, left : left + 5] = 20
    around = []
    for shot in shots:
        page[64:208, 16:272] = shot
        around.append(page.copy())
    searching, content = matcher(tmp_path, *rows), written(around, 1)
    assert searching.match(content).videos == ()
    (found,) = searching.match(content, search="thorough").videos
    (segment,) = found.segments
    assert (found.by, segment.variant) == ("segments", "captioned")
    assert segment.frames == len(shots)
    assert found.upload_share == 1.0


def test_the_command_searches_at_a_level_and_tells_the_view(tmp_path: Path) -> None:
    Image.fromarray(BARS).save(tmp_path / "bars.png")
    (tmp_path / "list.csv").write_text(f"id,algorithm,digest\n1,pdq,{hash_image(PICTURE)['pdq'].hex}\n")
    command = ["match", str(tmp_path / "bars.png"), "--against", str(tmp_path / "list.csv")]
    plain = CliRunner().invoke(main, [*command, "--json"])
    assert json.loads(plain.stdout)["matches"] == []
    found = CliRunner().invoke(main, [*command, "--json", "--search", "thorough"])
    (match,) = json.loads(found.stdout)["matches"]
    assert match["variant"] == "bordered"
    assert match["view"].startswith("bordered: top ")
    table = CliRunner().invoke(main, [*command, "--search", "thorough"], env={"COLUMNS": "300"})
    assert "bordered: top 18.2 % bottom 18.2 % taken off" in table.stdout
    refused = CliRunner().invoke(main, ["match", "--hashes", "ab" * 32, *command[2:], "--search", "thorough"])
    assert (refused.exit_code, "needs pictures" in refused.stderr) == (2, True)
