"""A dask cluster as an executor; a local cluster listens on this machine only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

from sim.errors import pip_install
from sim.runs.errors import EngineError
from sim.scenario.problems import clean
from sim.texts import _

__all__ = ["cluster"]

CONNECT_SECONDS = 5


@contextlib.contextmanager
def cluster(address: str | None, workers: int | None = None) -> Iterator[Executor | None]:
    """Yield an executor on the dask scheduler at `address`, or None without an address.

    Parameters
    ----------
    address
        Such as ``tcp://10.0.0.1:8786``; ``local`` starts a scheduler and workers on this machine,
        which listen on the loopback address only and have no dashboard.
    workers
        Worker processes of a local cluster; one per core by default.

    Raises
    ------
    EngineError
        When dask is not installed or the scheduler does not answer.
    """
    if address is None:
        yield None
        return
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError:
        raise EngineError(
            _("a cluster needs dask: {command}").format(
                command=pip_install("weishang[cluster]"))) from None
    # If the scheduler dies, our error says so in one sentence, without the library's log.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"})
    with contextlib.ExitStack() as stack:
        try:
            if address == "local":
                address = stack.enter_context(LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                    dashboard_address=None, worker_dashboard_address=None, silence_logs=50,
                ))
            else:
                _ask(address)
            client = Client(address, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise EngineError(
                _("no dask scheduler answers at '{address}' ({kind})").format(
                    address=address, kind=type(error).__name__)) from None
        stack.callback(_leave, client)
        if not client.nthreads():
            try:
                client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            except TimeoutError:
                local = re.search(r"127\.0\.0\.1|localhost", address)
                raise EngineError(_(
                    "the dask scheduler at '{address}' has no workers; start some with: dask "
                    "worker {address} --nthreads 1 --host {host}").format(
                        address=address, host="127.0.0.1" if local else "ADDRESS")) from None
        # If functions were declared pure, dask would run two equal calls only once.
        yield client.get_executor(pure=False)


def _ask(address: str) -> None:
    """Check what listens at an address; a dask client would wait for ever if nothing answered.

    Raises
    ------
    EngineError
        When it is not a dask scheduler.
    """
    if not re.fullmatch(r"([a-z]+://)?[^/\s]+:\d{1,5}", address):
        raise EngineError(_(
            "no dask scheduler answers at '{address}' (an address is such as tcp://10.0.0.1:8786)"
            ).format(address=clean(address, 80)))
    found: list[str] = []
    # In a separate thread, because a notebook already runs an event loop.
    asking = threading.Thread(target=lambda: found.append(asyncio.run(_identity(address))))
    asking.start()
    asking.join()
    if found != ["Scheduler"]:
        raise EngineError(_("no dask scheduler answers at '{address}' ({kind})").format(
            address=clean(address, 80), kind="".join(found)))


async def _identity(address: str) -> str:
    """Return the kind of dask server at an address, or why it cannot be told."""
    from distributed.comm.addressing import get_address_host_port
    from distributed.core import rpc

    async def identity() -> str:
        async with rpc(address, timeout=CONNECT_SECONDS) as server:
            return str((await server.identity())["type"])

    try:
        return await asyncio.wait_for(identity(), CONNECT_SECONDS)
    except OSError:  # includes TimeoutError: dask's or asyncio's, whichever comes first
        try:
            socket.create_connection(get_address_host_port(address), CONNECT_SECONDS).close()
        except OSError:
            return _("nothing listens there")
        return _("no answer for {seconds} s").format(seconds=CONNECT_SECONDS)
    except Exception:  # another kind of server may answer anything
        return _("what listens there is not dask")


def _leave(client: Any) -> None:
    """Close a client, whose scheduler may have died."""
    with contextlib.suppress(Exception):
        client.close(timeout=CONNECT_SECONDS)
