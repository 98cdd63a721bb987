"""Runs blocking work on the record in a thread, and does not wait for it for ever."""

import time
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from helpline.core.errors import RecordUnavailable
from helpline.store.record import DEADLINE

T = TypeVar("T")
PATIENCE = 4.0  # seconds for the record; networks give a screen about five
COMMIT = 0.3  # of them for the commit itself


async def in_time(work: Callable[[], T]) -> T:
    """What `work` returns. Raises RecordUnavailable when it takes too long; the record then
    refuses to commit it, so that "not saved" stays true."""

    def until() -> T:
        DEADLINE.set(time.monotonic() + PATIENCE - COMMIT)
        return work()

    try:
        with anyio.fail_after(PATIENCE):
            return await anyio.to_thread.run_sync(until, abandon_on_cancel=True)
    except TimeoutError:
        raise RecordUnavailable("the record takes too long") from None
