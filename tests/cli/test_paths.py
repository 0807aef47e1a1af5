"""Nothing that was named is passed over in silence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from hashmatch.cli.paths import counted, media_paths
from hashmatch.finding import Found
from hashmatch.results import HashReport


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    for name in ("z.jpg", "a.jpg", ".hidden.jpg", "b/inner.txt"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def below(tree: Path, paths: list[Found | None]) -> list[str]:
    return [os.path.relpath(path, tree) for path in paths if isinstance(path, str)]


def test_folders_are_entered_sorted_and_hidden_files_are_not_skipped(tree: Path) -> None:
    found = list(media_paths([str(tree)], recursive=True))
    assert below(tree, found) == [".hidden.jpg", "a.jpg", "b/inner.txt", "z.jpg"]


def test_without_recursion_a_folder_is_given_as_it_is(tree: Path) -> None:
    assert list(media_paths([str(tree)], recursive=False)) == [str(tree)]


def test_what_is_missing_is_given_as_it_is(tree: Path) -> None:
    assert list(media_paths([str(tree / "nothing")], recursive=True)) == [str(tree / "nothing")]
    assert list(media_paths(["nul\0byte"], recursive=True)) == ["nul\0byte"]


def test_links_in_a_circle_end(tree: Path) -> None:
    (tree / "b" / "back").symlink_to(tree)
    found = list(media_paths([str(tree)], recursive=True))
    assert below(tree, found) == [".hidden.jpg", "a.jpg", "b/inner.txt", "z.jpg"]


def test_a_link_that_leaves_the_folder_is_told(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "far.jpg").write_bytes(b"x")
    (tree / "link").symlink_to(other)
    (tree / "near").symlink_to(tree / "a.jpg")
    (tree / "to a file").symlink_to(other / "far.jpg")
    found = list(media_paths([str(tree)], recursive=True))
    told = [one for one in found if isinstance(one, HashReport)]
    assert [(one.file, one.hashed, one.error) for one in told] == [
        (path, None, f"{path}: it is a link that leads out of the folder")
        for path in (str(tree / "link"), str(tree / "to a file"))
    ]
    assert str(tree / "near") in found
    # What is named itself may be a link.
    assert list(media_paths([str(tree / "link")], recursive=True)) == [str(tree / "link" / "far.jpg")]


def test_patterns_stand_for_what_they_fit(tree: Path) -> None:
    (tree / "[a].jpg").write_bytes(b"x")
    assert below(tree, list(media_paths([f"{tree}/*.jpg"], recursive=False))) == ["[a].jpg", "a.jpg", "z.jpg"]
    assert below(tree, list(media_paths([f"{tree}/*/*.txt"], recursive=False))) == ["b/inner.txt"]
    assert below(tree, list(media_paths([f"{tree}/[a].jpg"], recursive=False))) == ["[a].jpg"]
    assert below(tree, list(media_paths([f"{tree}/*.none"], recursive=False))) == ["*.none"]


def test_a_file_named_twice_is_given_twice(tree: Path) -> None:
    path = str(tree / "a.jpg")
    assert list(media_paths([path, path], recursive=True)) == [path, path]


def test_patterns_do_not_lead_out(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "far.jpg").write_bytes(b"x")
    (tree / "out.jpg").symlink_to(other / "far.jpg")
    found = list(media_paths([f"{tree}/*.jpg"], recursive=True))
    assert [one.error for one in found if isinstance(one, HashReport)] == [
        f"{tree}/out.jpg: it is a link that leads out of the folder"
    ]
    for number in range(3):
        (tree / f"loop{number}").symlink_to(tree)
    assert len(list(media_paths([f"{tree}/**/*.jpg"], recursive=True))) < 40


def test_a_very_deep_folder_ends_nothing(tmp_path: Path) -> None:
    here = os.getcwd()  # noqa: PTH109
    try:
        os.chdir(tmp_path)
        for _ in range(1500):
            os.mkdir("a")  # noqa: PTH102
            os.chdir("a")
        Path("x").write_bytes(b"x")
    finally:
        os.chdir(here)
    found = list(media_paths([str(tmp_path)], recursive=True))
    # Python's own means of removing a folder call themselves.
    subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)
    assert len(found) == 1


def test_files_are_counted_where_they_can_be(tree: Path) -> None:
    assert counted([str(tree), str(tree / "a.jpg")], recursive=True) == 5
    assert counted(["-"], recursive=True) is None
    (tree / "b" / "x.zip").write_bytes(b"")
    assert counted([str(tree)], recursive=True) is None
    assert counted([str(tree / "b" / "x.zip")], recursive=False) == 1
