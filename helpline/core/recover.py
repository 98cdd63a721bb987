"""Recovers one input from a gateway that sends the whole history joined with `*`.

By prefix difference against the history seen last, never by splitting: a caller may type `*`.
"""

from enum import Enum


class Arrival(Enum):
    """`LOST`: a history but no session, to be replayed. `OLD`: a late copy of an earlier turn.

    `DIVERGENT`: the histories disagree.
    """

    FIRST = "first"
    INPUT = "input"
    REPEAT = "repeat"
    LOST = "lost"
    OLD = "old"
    DIVERGENT = "divergent"


def recover(history: str | None, text: str) -> tuple[Arrival, str]:
    """How `text` follows `history` (None: no session), and the input that it adds."""
    if history is None:
        return (Arrival.LOST if text else Arrival.FIRST), text
    if text == history:
        return Arrival.REPEAT, ""
    if not history:
        return Arrival.INPUT, text
    if text.startswith(f"{history}*"):
        return Arrival.INPUT, text[len(history) + 1 :]
    if text and history.startswith(f"{text}*"):
        return Arrival.OLD, text
    return Arrival.DIVERGENT, text
