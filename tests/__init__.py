"""Tests of the package, by folder as in `sim/`."""

import os

# Set before NumPy is imported, and for the processes that tests start: on a busy machine threads
# that wait for each other over small matrices took six times as long.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
