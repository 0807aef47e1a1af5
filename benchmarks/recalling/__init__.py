"""Recalling: which pictures the benchmark of accuracy edits, what is found again, and what that costs."""
