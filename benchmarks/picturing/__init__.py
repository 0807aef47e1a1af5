"""Picturing: what the benchmark of hashing is measured on, and what it finds."""
