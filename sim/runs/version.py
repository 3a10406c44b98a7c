"""The version of the code that made a result: a run is (scenario, seed, code version)."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

import sim

__all__ = ["code_version", "library_versions"]

_MODEL = ("kernel", "market", "mechanisms", "regimes", "scenario/schema.py", "model.py",
          "runs/result.py", "runs/run.py")
"""Sources that decide the numbers of a run; after changes elsewhere, results stay valid."""


@functools.cache
def code_version() -> str:
    """Return the package version with a digest of the sources that decide the numbers."""
    root = Path(str(sim.__file__)).parent
    digest = hashlib.sha256()
    for name in _MODEL:
        path = root / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.relative_to(root).as_posix().encode())
            digest.update(file.read_bytes())
    return f"{sim.__version__}+{digest.hexdigest()[:12]}"


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that compute or store the numbers."""
    names = ("numpy", "numba", "pandas", "pyarrow", "mesa")
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in names},
    }
