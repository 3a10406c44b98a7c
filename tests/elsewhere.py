"""Makes a Python process on Linux resemble one on Windows; `tests.test_portability` starts it.

The tests put this file on the path of a process under the name ``sitecustomize``, so that it holds
for every process that a command starts. What Windows has not is denied to our code alone: libraries
have branches of their own for each system.
"""

from __future__ import annotations

import builtins
import os
import signal
import sys
import types
import warnings
from typing import Any

MODULES = {"fcntl", "grp", "pwd", "pty", "resource", "select", "syslog", "termios", "tty"}
OF_OS = {
    "chown", "fchmod", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups",
    "getloadavg", "getpgid", "getuid", "killpg", "lchown", "mkfifo", "nice", "posix_fadvise",
    "sched_getaffinity", "sched_setaffinity", "setpgid", "setsid", "statvfs", "uname", "wait3",
}
OF_SIGNAL = {"SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm",
             "pause", "setitimer", "sigwait"}


def _ours(name: object) -> bool:
    return str(name).split(".")[0] in ("sim", "weishang")


_import = builtins.__import__


def _denying(name: str, globals: Any = None, *rest: Any, **more: Any) -> Any:
    if _ours((globals or {}).get("__name__")) and name.split(".")[0] in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r} (there is none on Windows)", name=name)
    return _import(name, globals, *rest, **more)


def _without(names: set[str]) -> type[types.ModuleType]:
    """Return a kind of module that has these names for everybody but us."""

    class Module(types.ModuleType):
        def __getattribute__(self, name: str) -> Any:
            if name in names and _ours(sys._getframe(1).f_globals.get("__name__")):
                raise AttributeError(f"there is no {name} on Windows")
            return super().__getattribute__(name)

    return Module


builtins.__import__ = _denying
os.__class__ = _without(OF_OS)
signal.__class__ = _without(OF_SIGNAL)
# A text file that is opened without an encoding is written in that of the system, such as cp936.
if sys.flags.warn_default_encoding:
    warnings.filterwarnings("error", category=EncodingWarning, module=r"sim(\..*)?$")
print("elsewhere", file=sys.stderr)
