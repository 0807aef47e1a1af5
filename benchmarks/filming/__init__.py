"""Filming: what the benchmark of video is measured on, and what it finds."""
