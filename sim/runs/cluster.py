"""A dask cluster as an executor; nothing listens beyond this machine in local use."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor

from sim.errors import pip_install
from sim.runs.errors import EngineError
from sim.texts import _

__all__ = ["cluster"]

CONNECT_SECONDS = 5


@contextlib.contextmanager
def cluster(address: str | None, workers: int | None = None) -> Iterator[Executor | None]:
    """Yield an executor on the dask scheduler at `address`; nothing for no address.

    Parameters
    ----------
    address
        Such as ``tcp://10.0.0.1:8786``; ``local`` starts a scheduler and workers on this machine,
        which listen on the loopback address only and have no dashboard.
    workers
        Worker processes of a local cluster (default: one a core).

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
    dask.config.set({"distributed.comm.timeouts.connect": f"{CONNECT_SECONDS}s"})
    with contextlib.ExitStack() as stack:
        try:
            if address == "local":
                address = stack.enter_context(LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                    dashboard_address=None, worker_dashboard_address=None, silence_logs=50,
                ))
            client = stack.enter_context(Client(address, timeout=CONNECT_SECONDS))
        except (OSError, ValueError) as error:
            raise EngineError(
                _("no dask scheduler answers at '{address}' ({kind})").format(
                    address=address, kind=type(error).__name__)) from None
        if not client.nthreads():
            try:
                client.wait_for_workers(1, timeout=CONNECT_SECONDS)
            except TimeoutError:
                raise EngineError(
                    _("the dask scheduler at '{address}' has no workers; start some with: dask "
                        "worker {address}").format(address=address)) from None
        # With pure functions dask would give two equal calls one result.
        yield client.get_executor(pure=False)
