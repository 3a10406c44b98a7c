"""One run, many runs, and the folders of their results."""
