"""Studies: designs of many runs, and the answers that their tables give."""
