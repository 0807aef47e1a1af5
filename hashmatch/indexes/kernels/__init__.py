"""The compiled loops of the multi-index, the only place where numba is used.

``filling`` sorts codes into buckets. ``probing`` answers queries one by one, ``walking`` many of them in the
order of the buckets, ``scanning`` by comparing them with every code; all three write the same answers in
the same form, stop where there is no room for more or after a second or so, and go on where they have stopped.

Why the answers are complete is told in ``hashmatch.indexes.band_plan``.
"""
