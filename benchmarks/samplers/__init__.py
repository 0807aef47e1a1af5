"""Samplers: ways to hash a video's frames, ours and others', and the least of it. To add one: a file here and a line."""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import FLOOR, Sampled, Sampler

__all__ = ["FLOOR", "SAMPLERS", "Sampled", "Sampler"]

SAMPLERS: Registry[Sampler] = Registry(
    "sampler",
    {
        "decode": "benchmarks.samplers.pyav:DECODE",
        "every": "benchmarks.samplers.ours:EVERY",
        "second": "benchmarks.samplers.ours:SECOND",
        "keyframes": "benchmarks.samplers.ours:KEYFRAMES",
        "vpdq_every": "benchmarks.samplers.vpdq:EVERY",
        "vpdq_second": "benchmarks.samplers.vpdq:SECOND",
        "framewise": "benchmarks.samplers.perception:FRAMEWISE",
        "tmk": "benchmarks.samplers.perception:TMK",
    },
    extras=dict.fromkeys(("framewise", "tmk"), "bench"),
)
