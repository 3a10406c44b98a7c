"""A worker process of `sim.runs.workers`: reads calls from its input and writes their results.

Its arguments are the process id of its parent and the modules to import before the first call, so
that the import does not count towards the time of that call. It ends when its input closes, and within
a second or two after its parent has died. It ignores Ctrl-C, which the parent handles.
"""

from __future__ import annotations

import importlib
import os
import pickle
import signal
import struct
import sys
import threading
import time
from typing import IO

__all__ = ["HEAD", "main", "read_message", "write_message"]

HEAD = struct.Struct("<Q")
PARENT_CHECK_SECONDS = 0.5


def write_message(file: IO[bytes], payload: bytes) -> None:
    """Write a message, preceded by its length."""
    file.write(HEAD.pack(len(payload)))
    file.write(payload)
    file.flush()


def read_message(file: IO[bytes]) -> bytes:
    """Return the next message.

    Raises
    ------
    EOFError
        When the other side has closed the pipe.
    """
    head = file.read(HEAD.size)
    if len(head) < HEAD.size:
        raise EOFError
    (length,) = HEAD.unpack(head)
    payload = file.read(length)
    if len(payload) < length:
        raise EOFError
    return payload


def _watch(parent: int) -> None:
    """End this process, even during a run, when its parent has died."""
    import psutil

    try:
        mine = psutil.Process(parent)
        while mine.is_running() and os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
    except psutil.Error:
        pass
    os._exit(0)


def _give_up(answers: IO[bytes]) -> None:
    """Redirect answers to the null device: nobody reads them, and Python would report that at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def main() -> None:
    """Answer calls until the input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, modules = int(sys.argv[1]), sys.argv[2:]
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Standard output carries the answers, so what a rule prints goes to standard error.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for module in modules:
        importlib.import_module(module)
    try:
        write_message(answers, b"ready")
    except BrokenPipeError:  # the parent has died, and no call will come
        _give_up(answers)
    while True:
        try:
            message = read_message(calls)
        except EOFError:
            return
        try:
            function, arguments = pickle.loads(message)  # from the parent's pipe, not from a file
            answer = (True, function(*arguments))
        except Exception as error:
            answer = (False, f"{type(error).__name__}: {error}")
        try:
            write_message(answers, pickle.dumps(answer, protocol=5))
        except OSError:  # a closed pipe, which is not a BrokenPipeError on Windows
            _give_up(answers)
            return


if __name__ == "__main__":
    main()
