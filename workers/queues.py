"""RQ queues and how rows are put on them: ids only, one job per row and try."""

from contextlib import suppress

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError
from rq.serializers import JSONSerializer

URGENT, ROUTINE = "urgent", "routine"  # one worker process each: RQ loses jobs on several queues
QUEUES = (URGENT, ROUTINE)
JOB_SECONDS = 60
KEEP = 60  # seconds a finished job's id blocks the same wake-up


def connect(url: str, timeout: float = 0.5) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
    )


def queue(name: str, connection: Redis) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def wake(connection: Redis, name: str, job: str, row_id: int, stamp: str) -> bool:
    """Asks a worker to look at a row. False: Redis did not take it (or has it already)."""
    label = f"{job}-{row_id}-{stamp}"
    with suppress(DuplicateJobError, RedisError, OSError):
        queue(name, connection).enqueue_call(
            f"workers.jobs.{job}",
            args=(row_id,),
            job_id=label,
            unique=True,
            description=label,
            timeout=JOB_SECONDS,
            result_ttl=KEEP,
            failure_ttl=KEEP,
            ttl=KEEP,
        )
        return True
    return False
