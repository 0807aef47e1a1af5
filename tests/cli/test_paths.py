"""Nothing that was named is passed over in silence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hashmatch.cli.paths import media_paths


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    for name in ("z.jpg", "a.jpg", ".hidden.jpg", "b/inner.txt"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def below(tree: Path, paths: list[str]) -> list[str]:
    return [os.path.relpath(path, tree) for path in paths]


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


def test_links_to_folders_elsewhere_are_followed(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "far.jpg").write_bytes(b"x")
    (tree / "link").symlink_to(other)
    assert str(tree / "link" / "far.jpg") in list(media_paths([str(tree)], recursive=True))


def test_a_file_named_twice_is_given_twice(tree: Path) -> None:
    path = str(tree / "a.jpg")
    assert list(media_paths([path, path], recursive=True)) == [path, path]
