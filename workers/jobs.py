"""The jobs: each takes a row's id, is idempotent, and finds out from the record what to do.

Deadlines are not a job: the relay reads them from the record, so they fire with every worker dead.
"""

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
