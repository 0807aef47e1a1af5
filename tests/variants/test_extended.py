from __future__ import annotations

import numpy as np

from hashmatch.algorithms.pdq import PDQ
from hashmatch.frames import Frame
from hashmatch.hashes import hamming
from hashmatch.sketch import Sketch
from hashmatch.variants import VARIANTS
from hashmatch.variants.extended import AMOUNTS
from hashmatch.views import View
from tests.drawing import textured

EXTENDED = list(VARIANTS["extended"].views(Sketch.of(Frame(textured(100, 100)))))


def amounts(view: View) -> tuple[int, int, int, int]:
    top, bottom, left, right = (
        round(100 * own) for span in (view.rows, view.columns) for own in (span.before, span.after)
    )
    return top, bottom, left, right


def test_the_amounts_are_the_same_in_every_orientation() -> None:
    known = {amounts(view) for view in EXTENDED}
    assert len(known) == len(EXTENDED) == 40
    assert set(AMOUNTS) <= known
    for top, bottom, left, right in known:
        assert (bottom, top, left, right) in known
        assert (top, bottom, right, left) in known
        assert (left, right, top, bottom) in known
    assert (0, 0, 0, 0) in known


def nearest(original: np.ndarray, cropped: np.ndarray, views: list[View]) -> int:
    listed = PDQ.hash_frame(Frame(original)).digest
    found = PDQ.hash_views(Sketch.of(Frame(np.ascontiguousarray(cropped))), views)
    return int(hamming(found.codes[:, 0], np.frombuffer(listed, np.uint8)).min())


def cropped_by_one_to_three_percent(seed: int) -> tuple[np.ndarray, np.ndarray]:
    original = textured(600, 800, seed)
    top, bottom, left, right = np.random.default_rng(seed).uniform(0.01, 0.03, 4)
    cropped = original[round(600 * top) : 600 - round(600 * bottom), round(800 * left) : 800 - round(800 * right)]
    return original, cropped


def test_what_was_cropped_is_much_nearer_with_margins_put_back() -> None:
    nearer = []
    for seed in range(8):
        original, cropped = cropped_by_one_to_three_percent(seed)
        nearer.append(nearest(original, cropped, EXTENDED[:1]) - nearest(original, cropped, EXTENDED))
    assert amounts(EXTENDED[0]) == (0, 0, 0, 0)
    assert min(nearer) >= 0
    assert np.median(nearer) >= 15


def test_most_of_what_was_cropped_by_one_to_three_percent_is_found() -> None:
    found = 0
    for seed in range(12):
        original, cropped = cropped_by_one_to_three_percent(seed)
        found += nearest(original, cropped, EXTENDED) <= PDQ.radius
    assert found >= 10
