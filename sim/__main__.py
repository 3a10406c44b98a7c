"""``python -m sim``: the command line, also where no script folder is on the path."""

from __future__ import annotations

from sim.cli import main

if __name__ == "__main__":
    main()
