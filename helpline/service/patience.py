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
COMMIT = 1.0  # of them for the commit itself


async def in_time(work: Callable[[], T], patience: float = PATIENCE) -> T:
    """What `work` returns. Raises RecordUnavailable when it takes too long; the record then
    refuses to commit it, so that "not saved" stays true."""

    deadline = time.monotonic() + patience - COMMIT  # waiting for a free thread counts as well

    done: list[T] = []  # on a busy machine the work may be done before this loop hears of it

    def until() -> T:
        DEADLINE.set(deadline)
        done.append(work())
        return done[0]

    try:
        with anyio.fail_after(patience):
            return await anyio.to_thread.run_sync(until, abandon_on_cancel=True)
    except TimeoutError:
        if done:
            return done[0]
        raise RecordUnavailable("the record takes too long") from None
