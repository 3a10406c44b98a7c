"""A worker process of `sim.runs.workers`: reads calls from its input, writes what they return.

Its arguments are its parent's process and what to import before the first call, so that the time
this takes is not that of the call. It ends when its input closes, and within a second or two when
its parent is gone. It leaves Ctrl-C to the parent.
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
    """Write a message with its length in front."""
    file.write(HEAD.pack(len(payload)))
    file.write(payload)
    file.flush()


def read_message(file: IO[bytes]) -> bytes:
    """Return the next message.

    Raises
    ------
    EOFError
        When the other side is gone.
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
    """End this process when its parent is gone, in the middle of a run too."""
    import psutil

    try:
        mine = psutil.Process(parent)
        while mine.is_running() and os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
    except psutil.Error:
        pass
    os._exit(0)


def _give_up(answers: IO[bytes]) -> None:
    """Lead what nobody reads any more to nowhere, or Python would complain of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), answers.fileno())


def main() -> None:
    """Serve calls until the input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent, modules = int(sys.argv[1]), sys.argv[2:]
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    calls = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What a rule prints goes to standard error; standard output belongs to the answers.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for module in modules:
        importlib.import_module(module)
    try:
        write_message(answers, b"ready")
    except BrokenPipeError:  # the parent is gone; so is what it would have sent
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
        except OSError:  # a closed pipe, which Windows calls otherwise
            _give_up(answers)
            return


if __name__ == "__main__":
    main()
