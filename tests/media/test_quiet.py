from __future__ import annotations

import threading
import warnings

import pytest

from hashmatch.media.quiet import Quiet


def warn_as(module: str, text: str) -> None:
    warnings.warn_explicit(text, UserWarning, "file.py", 1, module=module)


def test_only_the_package_is_quiet() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with Quiet("PIL"):
            warn_as("PIL", "quiet")
            warn_as("PIL.TiffImagePlugin", "quiet")
            warn_as("PILLAR", "loud")
    assert [str(warning.message) for warning in caught] == ["loud"]


def test_the_filters_are_put_back_when_the_last_thread_leaves() -> None:
    quiet = Quiet("PIL")
    before = list(warnings.filters)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with quiet:
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=stay)
    with quiet:
        thread.start()
        assert inside.wait(10)
    warn_as("PIL.Image", "quiet: the other thread is still inside")
    leave.set()
    thread.join(10)
    assert warnings.filters == before
    with pytest.warns(UserWarning, match="loud again"):
        warn_as("PIL.Image", "loud again")


def test_an_error_passes_through() -> None:
    before = list(warnings.filters)
    with pytest.raises(KeyError), Quiet("PIL"):
        raise KeyError
    assert warnings.filters == before
