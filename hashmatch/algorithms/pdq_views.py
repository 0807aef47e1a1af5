"""Views of a picture as PDQ sees them: other rows R and columns C on the same luma.

PDQ's two box filters together weigh the lines around each of its 64 samples by a triangle that is as wide as samples are
apart. Here triangles are integrated over the cells of a sketch, so that a view may begin anywhere, and has the same hash at
every size of the picture. The reference's own is moved by a line where its windows have an even length; of that, half is
taken: the picture that is listed may have had another size.

Lines that are put back go over from the kept line at the edge to the mean of all kept lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..sketch import Axis, Sketch
from ..views import Span, View
from .pdq_matrices import SIDE, Floats

Singles = npt.NDArray[np.float32]

FADE = 0.15
"""Share of the kept lines after which a line that is put back is their mean."""
_PIECES = 8
"""Into so many the lines put back at one end are cut."""
_WINDOWS = 128
"""As many box filters of the reference lie side by side."""
_NOTHING = 1e-9
"""A share of the lines that is nothing but rounding."""
_LITTLE = 0.5
"""Share of the lines of an axis: with fewer, cells are too large for what is left."""
_SMALL = 1 << 18
"""Multiplications of one product; for more BLAS starts threads, which wait for each other when other processes work too."""


def looked_at(sketch: Sketch, views: Sequence[View]) -> Iterator[tuple[Sketch, npt.NDArray[np.intp], Sequence[View]]]:
    """Sketches that are fine enough for views, the numbers of those, and what they show of the sketch.

    Views with nothing taken off need few cells; of what is left when much was taken off, a sketch of its own is made.
    """
    groups: dict[View | bool, list[int]] = {}
    for number, view in enumerate(views):
        little = min(view.rows.kept, view.columns.kept) < _LITTLE
        groups.setdefault(view.bare if little else view.cuts, []).append(number)
    for alike, numbers in groups.items():
        some = [views[number] for number in numbers]
        if isinstance(alike, View):
            seen, some = sketch.within(alike.rows.ends, alike.columns.ends), [view.uncut for view in some]
        else:
            seen = sketch if alike else sketch.coarser
        yield seen, np.array(numbers), some


def view_coefficients(sketch: Sketch, views: Sequence[View], cosines: Floats) -> Singles:
    """The cosine transforms of views: ``float32[views, 16, 16]``.

    Args:
        sketch: Of the picture.
        views: Of it.
        cosines: ``float64[16, 64]``: of the frequencies that are wanted.
    """
    rows, row = _numbered([view.rows for view in views])
    columns, column = _numbered([view.columns for view in views])
    halfway = _product(factors(sketch.rows, rows, cosines), sketch.cells)
    transformed: Singles = np.matmul(halfway[row], factors(sketch.columns, columns, cosines)[column])
    return transformed


def view_picture(sketch: Sketch, view: View) -> Singles:
    """What PDQ sees of a view that puts nothing back: ``float32[64, 64]``."""
    picture: Singles = _sampled(_sampled(sketch.cells, sketch.rows, view.rows).T, sketch.columns, view.columns).T
    return picture


def _sampled(cells: Singles, axis: Axis, span: Span) -> Singles:
    """Rows of cells, under the 64 triangles: ``float32[64, columns]``. Each triangle lies over few cells."""
    first, apart = _laid(axis, (span,))
    starts = first[0, 0] + np.arange(SIDE) * apart[0, 0]
    begin = np.searchsorted(axis.shares, starts, "right") - 1
    end = np.searchsorted(axis.shares, starts + apart[0, 0])
    taps = begin[:, np.newaxis] + np.arange(int((end - begin).max()) + 1)
    bounds = np.clip(axis.shares[np.minimum(taps, axis.cells)], span.start, span.stop)
    within = np.where(bounds < span.stop, (bounds - starts[:, np.newaxis]) / apart[0, 0], 1.0)
    weights = np.diff(_under(within), axis=1).astype(np.float32)
    sampled: Singles = np.einsum("st,stc->sc", weights, cells[np.minimum(taps[:, :-1], axis.cells - 1)])
    return sampled


def _under(within: Floats) -> Floats:
    """How much of a triangle on 0 to 1 lies below each of these."""
    rising, falling = np.clip(within, 0, 0.5), 1 - np.clip(within, 0.5, 1)
    under: Floats = 2 * rising**2 + 0.5 - 2 * falling**2
    return under


def _laid(axis: Axis, spans: tuple[Span, ...]) -> tuple[Floats, Floats]:
    """Where the first triangle of each span begins, and how far they are apart, in shares: ``float64[spans, 1]`` each."""
    length = np.array([[span.length] for span in spans])
    windows = (np.rint(length * axis.length) + _WINDOWS - 1) // _WINDOWS
    moved = np.where(windows % 2 == 0, 0.5 / axis.length, 0.0)
    return np.array([[span.start - span.before * span.kept] for span in spans]) + moved, length / SIDE


def factors(axis: Axis, spans: tuple[Span, ...], mixing: Floats) -> Singles:
    """``(mixing @ R).T`` of each span, for the cells of a sketch: ``float32[spans, cells, mixed]``.

    Args:
        axis: Its rows, or columns.
        spans: Of the picture's lines.
        mixing: ``float64[mixed, 64]``: what is made of the 64 samples.
    """
    if len(spans) > 1 and all(span.kept == 1 for span in spans):
        return _kept(axis, spans, mixing.tobytes())
    return _built(axis, spans, mixing)


@lru_cache(maxsize=32)
def _kept(axis: Axis, spans: tuple[Span, ...], mixing: bytes) -> Singles:
    """Those that put lines back are the same for all pictures of a size."""
    return _built(axis, spans, np.frombuffer(mixing).reshape(-1, SIDE))


def _built(axis: Axis, spans: tuple[Span, ...], mixing: Floats) -> Singles:
    samples = _Samples(axis, spans, mixing)
    start, stop = (np.array([[getattr(span, end)] for span in spans]) for end in ("start", "stop"))
    bounds = np.clip(axis.shares, start, stop)
    weights = np.diff(samples.below(bounds), axis=1)
    means = (np.diff(bounds, axis=1) / (stop - start)).astype(np.float32)
    _put_back(weights, means, start, [span.before for span in spans], -1, samples)
    _put_back(weights, means, stop, [span.after for span in spans], 1, samples)
    return weights


def _put_back(
    weights: Singles, means: Singles, edge: Floats, shares: list[float], direction: int, samples: _Samples
) -> None:
    """Count the lines beyond one end for the kept ones that they are made of."""
    if not any(shares):
        return
    beyond = np.linspace(0, 1, _PIECES + 1) * np.array(shares)[:, np.newaxis]
    pieces = direction * np.diff(samples.below(edge + direction * beyond * samples.kept), axis=1)
    faded = np.minimum(1, (beyond[:, 1:] + beyond[:, :-1]) / 2 / FADE).astype(np.float32)[..., np.newaxis]
    held = means > 0
    nearest = held.argmax(axis=1) if direction < 0 else held.shape[1] - 1 - held[:, ::-1].argmax(axis=1)
    weights[np.arange(len(nearest)), nearest] += (pieces * (1 - faded)).sum(axis=1)
    weights += means[..., np.newaxis] * (pieces * faded).sum(axis=1)[:, np.newaxis]


class _Samples:
    """The 64 triangles of each span, mixed."""

    def __init__(self, axis: Axis, spans: tuple[Span, ...], mixing: Floats) -> None:
        self.kept = np.array([[span.kept] for span in spans])
        self._first, self._apart = _laid(axis, spans)
        # A triangle that is moved beyond the end counts there.
        self._end = np.array([[span.start + (1 + span.after) * span.kept] for span in spans]) - _NOTHING
        nothing = np.zeros((1, len(mixing)))
        self._each = np.vstack([mixing.T, nothing]).astype(np.float32)
        self._all_before = np.vstack([nothing, np.cumsum(mixing.T, axis=0)]).astype(np.float32)

    def below(self, shares: Floats) -> Singles:
        """How much of the mixed triangles of span s lies below ``shares[s]``: ``float32[spans, n, mixed]``.

        Triangles lie side by side: below a point are all before it, and a part of the one where it is.
        """
        at = np.where(shares < self._end, np.clip((shares - self._first) / self._apart, 0, SIDE), SIDE)
        which = at.astype(np.intp)
        below: Singles = self._each[which] * _under(at - which)[..., np.newaxis].astype(np.float32)
        below += self._all_before[which]
        return below


def _numbered(spans: Sequence[Span]) -> tuple[tuple[Span, ...], npt.NDArray[np.intp]]:
    """Each different span once, and which one each is."""
    numbers: dict[Span, int] = {}
    which = np.array([numbers.setdefault(span, len(numbers)) for span in spans], dtype=np.intp)
    return tuple(numbers), which


def _product(factors: Singles, cells: Singles) -> Singles:
    """Each factor, transposed, times ``cells``: ``float32[spans, mixed, columns]``, some columns at a time."""
    spans, lines, mixed = factors.shape
    columns = cells.shape[1]
    product = np.empty((spans, mixed, columns), np.float32)
    together = max(1, _SMALL // (lines * mixed))
    for start in range(0, columns, together):
        some = slice(start, start + together)
        np.matmul(factors.swapaxes(1, 2), cells[:, some], out=product[:, :, some])
    return product
