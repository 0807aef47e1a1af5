"""Seekers: ways to find known videos by their frames, ours and others'. To add one: a file here and a line."""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import Frames, Seeker, Span, Told, Videos

__all__ = ["SEEKERS", "Frames", "Seeker", "Span", "Told", "Videos"]

SEEKERS: Registry[type[Seeker]] = Registry(
    "seeker",
    {
        "ours": "benchmarks.seekers.ours:Ours",
        "thorough": "benchmarks.seekers.ours:Thorough",
        "upright": "benchmarks.seekers.ours:Upright",
        "known": "benchmarks.seekers.ours:KnownShare",
        "upload": "benchmarks.seekers.ours:UploadShare",
        "vpdq_index": "benchmarks.seekers.vpdq_index:VpdqIndex",
        "brute": "benchmarks.seekers.brute:Brute",
    },
)
