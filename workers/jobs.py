"""The jobs: each takes a row's id, is idempotent, and finds out from the record what to do."""

from collections.abc import Callable, Mapping
from functools import cache

from helpline import logs, runtime
from helpline.config import Config
from helpline.runtime import Runtime


@cache
def parts() -> Runtime:
    """This process's parts, built at its first job."""
    config = Config.from_env()
    logs.configure(config.log_level)
    return runtime.build(config)


def send(row_id: int) -> None:
    """Sends one outbox row, at most once (SAFETY 7)."""
    state = parts().delivery.do(row_id)
    if state:
        logs.event("outbox.done", row=row_id, outcome=state)


def check_deadline(callback_id: int) -> None:
    """Hands an overdue callback one level up; does nothing when it was answered."""
    if parts().escalation.check(callback_id, runtime.now()):
        logs.event("callback.escalated", callback=callback_id)


JOBS: Mapping[str, Callable[[int], None]] = {"send": send, "check_deadline": check_deadline}
