"""One run, many runs, and where their results lie."""
