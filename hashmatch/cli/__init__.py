"""The command line: options, one call of the library, and its answer for people or for programs."""
