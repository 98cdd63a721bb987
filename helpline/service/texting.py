"""Texts to a caller: an MT in the outbox, sealed, to one number, once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from helpline.core.effects import TextDesk
from helpline.crypto import Sealer
from helpline.store import optouts, outbox

ANSWER_VALID = timedelta(minutes=15)  # an answer that comes later than this would surprise


@dataclass(frozen=True)
class Texting:
    """`channels` names, per programme, the channel that can text."""

    sealer: Sealer
    channels: Mapping[str, str]

    def desk(
        self,
        connection: Connection,
        asked: TextDesk,
        number: str,
        text: str,
        once: str,
        now: datetime,
    ) -> bool:
        """False when this phone cannot be texted: no channel, no number, or it said STOP."""
        channel = self.channels.get(asked.programme)
        if channel is None or not number:
            return False
        if optouts.stopped(connection, channel, self.sealer.blind_indexes(number)):
            return False
        self.post(connection, channel, number, text, f"desk|{asked.desk}|{once}", now)
        return True

    def post(
        self,
        connection: Connection,
        channel: str,
        number: str,
        text: str,
        once: str,
        now: datetime,
        *,
        urgent: bool = False,
    ) -> None:
        """Queues one text. `once` names it for good: repeating it changes nothing."""
        letter = json.dumps({"number": number, "text": text}, ensure_ascii=False)
        posting = outbox.Posting(
            kind="mt",
            once=once,
            urgent=urgent,
            channel=channel,
            due_at=now,
            valid_until=now + ANSWER_VALID,
            created_at=now,
            number_index=self.sealer.blind_index(number),
            sealed=self.sealer.seal_session(once, letter.encode()),
        )
        outbox.put(connection, posting)
