"""Contenders: ways to search codes, ours and others'. To add one: a file here and a line in the table."""

from __future__ import annotations

from hashmatch.registry import Registry

from .base import Contender, Way

__all__ = ["BASELINE", "CONTENDERS", "OURS", "Contender", "Way"]

CONTENDERS: Registry[type[Contender]] = Registry(
    "contender",
    {
        "multi_index": "benchmarks.contenders.multi_index:MultiIndex",
        "faiss_flat": "benchmarks.contenders.faiss_flat:FaissFlat",
        "faiss_multihash": "benchmarks.contenders.faiss_multihash:FaissMultiHash",
        "pdq_index": "benchmarks.contenders.pdq_index:PdqIndex",
        "usearch_hnsw": "benchmarks.contenders.usearch_hnsw:UsearchHnsw",
    },
    extras={"pdq_index": "bench", "usearch_hnsw": "bench"},
)

BASELINE = "faiss_flat"
"""Whom all others are compared with, asked in its largest batch."""

OURS = "multi_index"
"""Whom this is about; so is it called in ``hashmatch.indexes`` too."""
