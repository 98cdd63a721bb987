"""Runs blocking work on the record in a thread, and does not wait for it for ever."""

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from helpline.core.errors import RecordUnavailable

T = TypeVar("T")
PATIENCE = 4.0  # seconds for the record; networks give a screen about five


async def in_time(work: Callable[[], T]) -> T:
    """What `work` returns. Raises RecordUnavailable when it takes too long; it may still finish,
    so it must be safe to do again."""
    try:
        with anyio.fail_after(PATIENCE):
            return await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
    except TimeoutError:
        raise RecordUnavailable("the record takes too long") from None
