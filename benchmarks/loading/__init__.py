"""What ``python -m benchmarks load`` is made of: rows, the files that they stand in, and what is done with those."""
