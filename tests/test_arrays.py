from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hashmatch.arrays import ArrayWriter, map_array, write_array
from hashmatch.errors import InvalidValue


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((0, 32), np.uint8),
        np.zeros(0, np.int64),
        np.arange(7),
        np.arange(60, dtype=np.uint8).reshape(3, 20),
        np.arange(200, dtype=np.uint8).reshape(10, 20)[::2, 1:],
    ],
)
def test_what_is_written_is_mapped_and_is_numpys_own_form(array: np.ndarray, tmp_path: Path) -> None:
    write_array(tmp_path / "a.npy", array)
    columns = None if array.ndim == 1 else array.shape[1]
    mapped = map_array(tmp_path / "a.npy", array.dtype, columns)
    assert mapped.shape == array.shape
    assert np.array_equal(mapped, array)
    assert not mapped.flags.writeable
    assert np.array_equal(np.load(tmp_path / "a.npy"), array)


def test_the_bytes_do_not_depend_on_the_pieces(tmp_path: Path) -> None:
    array = np.arange(1000).reshape(250, 4)
    write_array(tmp_path / "whole.npy", array)
    with (tmp_path / "pieces.npy").open("wb") as stream:
        writer = ArrayWriter(stream, np.int64, 4)
        for start in range(0, 250, 30):
            writer.append(array[start : start + 30])
        writer.finish()
    assert (tmp_path / "pieces.npy").read_bytes() == (tmp_path / "whole.npy").read_bytes()


def test_rows_of_another_kind_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.npy").open("wb") as stream:
        writer = ArrayWriter(stream, np.int64, 4)
        for rows in (np.zeros((2, 3), np.int64), np.zeros((2, 4), np.int32), np.zeros(4, np.int64)):
            with pytest.raises(InvalidValue):
                writer.append(rows)


def test_files_that_are_no_such_array_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    write_array(path, np.arange(6, dtype=np.uint8).reshape(3, 2))
    good = path.read_bytes()
    with pytest.raises(InvalidValue):
        map_array(path, np.uint8)
    with pytest.raises(InvalidValue):
        map_array(path, np.uint8, 3)
    with pytest.raises(InvalidValue):
        map_array(path, np.int8, 2)
    headers = [
        good.replace(b"(3, 2)", b"(9, 2)"),
        good.replace(b"(3, 2)", b"(-3, 2)"),
        good.replace(b"(3, 2)", b"(2**99, 2)"),
        good.replace(b"(3, 2), }   ", b"(" * 12),
        good.replace(b"|u1", b"|O "),
        good.replace(b"False", b"True "),
        b"PK\x03\x04" + good,
        good[:50],
        b"",
    ]
    for header in headers:
        path.write_bytes(header)
        with pytest.raises(InvalidValue):
            map_array(path, np.uint8, 2)
    with pytest.raises(FileNotFoundError):
        map_array(tmp_path / "none.npy", np.uint8, 2)
