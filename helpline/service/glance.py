"""What the desks see of one phone's reports: their queue lines, looked at and never changed.

Only for the simulator page. No line holds the number or the story.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from helpline.core.message import MT
from helpline.crypto import Sealer
from helpline.gateways.base import Channel
from helpline.service.deliver import Delivery
from helpline.service.lines import QueueRow, line
from helpline.store import callbacks, outbox
from helpline.store.record import Record
from helpline.store.schema import callbacks as callback_rows
from helpline.store.schema import cases
from helpline.store.schema import outbox as outbox_rows


@dataclass(frozen=True)
class Glance:
    record: Record
    sealer: Sealer
    delivery: Delivery

    def lines(self, number: str, now: datetime) -> list[QueueRow]:
        """The newest first, closed ones too. Deadlines are not run: looking moves nothing."""
        query = (
            select(callback_rows.c.id)
            .join(cases, cases.c.id == callback_rows.c.case_id)
            .where(cases.c.number_index.in_(self.sealer.blind_indexes(number)))
            .order_by(callback_rows.c.id.desc())
        )
        with self.record.reading() as connection:
            found = [callbacks.get(connection, row_id) for row_id in connection.scalars(query)]
            return [line(connection, row, now) for row in found if row is not None]

    def hand_over(self, channel: Channel, number: str) -> list[str]:
        """Sends what waits for this phone on the channel, as a worker would; the texts sent.

        An answer by SMS counts only once its question was handed over, so this comes before the
        page shows it. A row that a worker took first is not among them.
        """
        query = (
            select(outbox_rows.c.id)
            .where(
                outbox_rows.c.channel == channel.name,
                outbox_rows.c.number_index.in_(self.sealer.blind_indexes(number)),
                outbox_rows.c.state == outbox.PENDING,
            )
            .order_by(outbox_rows.c.id)
        )
        with self.record.reading() as connection:
            waiting = list(connection.scalars(query))
        sent: list[str] = []
        listening = self._listening(channel, sent.append)
        for row_id in waiting:
            listening.do(row_id)
        return sent

    def _listening(self, channel: Channel, hear: Callable[[str], None]) -> Delivery:
        """The delivery, with the channel's gateway telling `hear` each text that it takes."""
        gateway = self.delivery.gateways[channel.gateway]
        send = gateway.send
        assert send is not None

        def heard(to: Channel, mt: MT) -> str:
            provider_id = send(to, mt)
            hear(mt.text)
            return provider_id

        others = dict(self.delivery.gateways)
        return replace(
            self.delivery, gateways={**others, channel.gateway: replace(gateway, send=heard)}
        )
