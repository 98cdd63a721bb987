"""Keeps a running process at the newest directory, without a restart and without a half."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping

import anyio
import anyio.to_thread

from helpline.core.nearest import nearest
from helpline.core.play import Player
from helpline.logs import event
from helpline.store.sessions import USSD_TTL

EVERY = 5.0  # seconds between two looks at the record


class LivePlayers(Mapping[str, Player]):
    """The players by channel. A turn takes its player once, so a swap never splits a turn."""

    def __init__(self, players: Mapping[str, Player]) -> None:
        self._players = players
        self._swapped: float | None = None

    def __getitem__(self, channel: str) -> Player:
        return self._players[channel]

    def __iter__(self) -> Iterator[str]:
        return iter(self._players)

    def __len__(self) -> int:
        return len(self._players)

    def changed(self) -> bool:
        """Whether a call that is going on may have begun on another directory."""
        return self._swapped is not None and time.monotonic() - self._swapped < USSD_TTL

    def swap(self, players: Mapping[str, Player]) -> None:
        self._players = players
        self._swapped = time.monotonic()
        nearest.cache_clear()  # it would hold the old directory


async def follow(refresh: Callable[[], None], every: float = EVERY) -> None:
    """Runs it in a thread again and again until cancelled. What it raises is said once in the
    log, until it raises something else or succeeds."""
    said = ""
    while True:
        await anyio.sleep(every)
        try:
            await anyio.to_thread.run_sync(refresh, abandon_on_cancel=True)
            failed = ""
        except Exception as broken:  # the old directory serves on
            failed = type(broken).__name__
        if failed and failed != said:
            event("directory.not_read", level=logging.ERROR, error=failed)
        said = failed
