"""Compiled functions: numba, with explicit signatures, compiled once and kept on disk where that can be."""

from __future__ import annotations

import hashlib
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core.errors import NumbaError

_OPTIONS = {"nogil": True, "error_model": "numpy"}

_warned = False


def compiled(*signatures: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile a function now, for these signatures only, so that it runs without the GIL.

    What was compiled is kept by numba beside the module or in the user's cache folder, and is written anew if
    a crash has torn it. Where neither can be written it is compiled in memory, and one RuntimeWarning says so.
    """

    def compile_now(function: Callable[..., Any]) -> Any:
        # Numba asks the age of one file only; the name makes it look at what is inlined from others too.
        function.__qualname__ = f"{function.__name__}_{_sources()}"
        try:
            return _compiled_and_kept(function, signatures)
        except NumbaError:
            raise
        except Exception as error:
            # No folder for it, a full disk: whatever numba and the system have for that. What comes from the
            # function itself comes again here.
            in_memory = numba.njit(list(signatures), **_OPTIONS)(function)
            _warn_once(error)
            return in_memory

    return compile_now


def inlined(function: Callable[..., Any]) -> Any:
    """A function for compiled ones to use, of which each gets its own copy."""
    return numba.njit(forceinline=True, **_OPTIONS)(function)


def _compiled_and_kept(function: Callable[..., Any], signatures: tuple[Any, ...]) -> Any:
    try:
        return numba.njit(list(signatures), cache=True, **_OPTIONS)(function)
    except (pickle.UnpicklingError, EOFError, ValueError, LookupError, AttributeError, ImportError, RuntimeError):
        # All that reading a torn file may raise. Forgetting what the cache holds makes room for a whole one;
        # if there is no place for a cache, it fails again.
        dispatcher = numba.njit(cache=True, **_OPTIONS)(function)
        dispatcher._cache.flush()
        return numba.njit(list(signatures), cache=True, **_OPTIONS)(function)


def _sources() -> str:
    """Stands for the text of all compiled functions."""
    texts = (path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(b"\0".join(texts)).hexdigest()[:16]


def _warn_once(error: Exception) -> None:
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            f"the compiled search cannot be kept on disk, so that each process compiles it anew ({error}); "
            "the environment variable NUMBA_CACHE_DIR may name a folder for it",
            RuntimeWarning,
            stacklevel=3,
        )
