"""Numbers that said STOP on a channel: final until they say START."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from helpline.store.schema import opt_outs

Indexes = tuple[str, ...]  # a number's blind indexes, the newest key's first


def stop(connection: Connection, channel: str, numbers: Indexes, at: datetime) -> None:
    connection.execute(insert(opt_outs).values(channel=channel, number_index=numbers[0], at=at))


def start(connection: Connection, channel: str, numbers: Indexes) -> None:
    ours = (opt_outs.c.channel == channel) & opt_outs.c.number_index.in_(numbers)
    connection.execute(delete(opt_outs).where(ours))


def stopped(connection: Connection, channel: str, numbers: Indexes) -> bool:
    ours = (opt_outs.c.channel == channel) & opt_outs.c.number_index.in_(numbers)
    return connection.execute(select(opt_outs.c.at).where(ours)).first() is not None


def anywhere(connection: Connection, number: str) -> bool:
    """Whether this blind index said STOP on any channel."""
    found = select(opt_outs.c.at).where(opt_outs.c.number_index == number)
    return connection.execute(found).first() is not None
