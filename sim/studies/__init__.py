"""Studies: designs of many runs, and the answers read out of their tables."""
