"""Cores and memory as a process may use them: what a container allows counts, in both versions."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from sim.kernel import machine


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with eight cores and 16 GB free, whose control groups a test writes."""
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=16e9))
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)
    return tmp_path


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_without_control_groups_the_machine_counts(root: Path) -> None:
    assert machine.free_memory() == 16e9
    assert machine.cores() == 8


def test_version_2_inside_a_container(root: Path) -> None:
    lay(root, {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": "600000000\n",
        "sys/fs/cgroup/memory.current": "250000000\n",
        "sys/fs/cgroup/memory.stat": "anon 1\ninactive_file 50000000\nactive_file 7\n",
        "sys/fs/cgroup/cpu.max": "150000 100000\n",
    })
    assert machine.free_memory() == 400e6
    assert machine.cores() == 2  # a core and a half


def test_version_2_of_a_nested_group_takes_the_narrowest_limit(root: Path) -> None:
    lay(root, {
        "proc/self/cgroup": "0::/slurm/job7\n",
        "sys/fs/cgroup/cpu.max": "max 100000\n",
        "sys/fs/cgroup/slurm/memory.max": "3000000000\n",
        "sys/fs/cgroup/slurm/memory.current": "1000000000\n",
        "sys/fs/cgroup/slurm/job7/memory.max": "max\n",
        "sys/fs/cgroup/slurm/job7/memory.current": "900000000\n",
        "sys/fs/cgroup/slurm/job7/cpu.max": "400000 100000\n",
    })
    assert machine.free_memory() == 2e9
    assert machine.cores() == 4


def test_version_1_with_joined_controllers(root: Path) -> None:
    lay(root, {
        "proc/self/cgroup": "4:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n0::/system\n",
        # The path is that of the host: inside, the group is the mount itself.
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "700000000\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "300000000\n",
        "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 100000000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
    })
    assert machine.free_memory() == 500e6
    assert machine.cores() == 1


def test_version_1_without_limits(root: Path) -> None:
    lay(root, {
        "proc/self/cgroup": "4:memory:/\n1:cpu:/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "300000000\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    })
    assert machine.free_memory() == 16e9
    assert machine.cores() == 8


def test_affinity_counts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3}, raising=False)
    assert machine.cores() == 1


def test_a_system_without_affinity_or_control_groups(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert machine.cores() == 8


def test_a_group_that_is_used_up_has_nothing_left(root: Path) -> None:
    lay(root, {
        "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1000\n",
        "sys/fs/cgroup/memory.current": "5000\n"})
    assert machine.free_memory() == 0


@pytest.mark.parametrize(("number", "text"), [
    (12, "12 B"), (1_500, "1.5 kB"), (44e6, "44 MB"), (2.5e9, "2.5 GB"), (68e9, "68 GB")])
def test_sizes_in_words(number: float, text: str) -> None:
    assert machine.size(number) == text
