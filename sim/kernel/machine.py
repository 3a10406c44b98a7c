"""The cores and memory that this process may use, with the limits of its container.

A scheduler or container limits a process in three ways: the cores it may run on (affinity), a quota of
processor time, and a limit of memory. Python knows the first, psutil the machine's memory, and control
groups, of which there are two versions, the other limits.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["cores", "free_memory", "size"]

ROOT = Path("/")
"""Parent of ``/proc`` and ``/sys``; tests replace it."""
NO_LIMIT = 1 << 60
"""In version 1 a limit this large means that there is none."""


def cores() -> int:
    """Return how many cores this process may use, given the machine, its affinity and its quota."""
    count = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    if hasattr(os, "sched_getaffinity"):
        count = min(count, len(os.sched_getaffinity(0)))
    return max(1, min(count, math.ceil(min(_quotas(), default=count))))


def free_memory() -> float:
    """Return the bytes of memory that this process may still use."""
    import psutil

    return min([float(psutil.virtual_memory().available), *_rooms()])


def size(number: float) -> str:
    """Return a number of bytes in a suitable unit."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= factor:
            return f"{number / factor:.1f} {unit}" if number < 10 * factor \
                else f"{number / factor:.0f} {unit}"
    return f"{number:.0f} B"


def _quotas() -> Iterator[float]:
    """Yield the cores' worth of processor time that each control group grants."""
    for folder in _groups("cpu"):
        if quota := _words(folder / "cpu.max"):  # version 2
            limit, period = (quota[0], quota[1]) if len(quota) == 2 else ("max", "1")
        else:
            limit = next(iter(_words(folder / "cpu.cfs_quota_us")), "-1")
            period = next(iter(_words(folder / "cpu.cfs_period_us")), "100000")
        if limit.isdigit() and period.isdigit() and int(period) > 0:
            yield int(limit) / int(period)


def _rooms() -> Iterator[float]:
    """Yield the bytes that each control group leaves; its droppable file cache counts as free."""
    for folder in _groups("memory"):
        for limit, used, idle in (
            ("memory.max", "memory.current", "inactive_file"),  # version 2
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        ):
            most, now = _words(folder / limit), _words(folder / used)
            if not most or not now or not most[0].isdigit() or int(most[0]) >= NO_LIMIT:
                continue
            stat = _words(folder / "memory.stat")
            dropped = dict(zip(stat[::2], stat[1::2], strict=False)).get(idle, "0")
            yield float(max(0, int(most[0]) - max(0, int(now[0]) - int(dropped))))


def _groups(controller: str) -> Iterator[Path]:
    """Yield the folders of the control groups that limit this process, its own first."""
    mounts = ROOT / "sys/fs/cgroup"
    for line in _lines(ROOT / "proc/self/cgroup"):
        number, names, path = [*line.split(":", 2), "", ""][:3]
        if number == "0" and not names:
            mount = mounts / "unified" if (mounts / "unified").is_dir() else mounts
        elif controller in names.split(","):
            mount = next((mounts / name for name in (names, controller)
                          if (mounts / name).is_dir()), mounts / controller)
        else:
            continue
        # Inside a container its own path may not exist; the mount is then its group.
        place = mount / path.strip("/")
        yield from (folder for folder in (place, *place.parents)
                    if folder.is_relative_to(mount) and folder.is_dir())


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()
