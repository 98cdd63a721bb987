"""Sends one outbox row: at most once to a phone, and its fate is written down."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.core.errors import GatewayError, SealBroken
from helpline.core.label import Text, Voice
from helpline.core.message import MT
from helpline.crypto import Sealer
from helpline.gateways.base import Channel, Gateway
from helpline.service.duty_phone import stopped
from helpline.service.nudges import WORDS
from helpline.store import desks, outbox
from helpline.store.outbox import Taken
from helpline.store.record import Record

BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5))


@dataclass(frozen=True)
class Delivery:
    record: Record
    sealer: Sealer
    channels: Mapping[str, Channel]
    gateways: Mapping[str, Gateway]
    voices: Mapping[str, Voice]
    clock: Callable[[], datetime]

    def do(self, row_id: int) -> str:
        """Sends the row if nobody else has or did; returns its state, "" when not ours.

        Idempotent: a row is taken before it is sent, and a worker that dies in between leaves it
        `unknown`, never sent twice.
        """
        with self.record.writing() as connection:
            taken = outbox.take(connection, row_id, self.clock())
        if taken is None:
            return ""
        if taken.valid_until <= self.clock():
            return self._finish(taken, outbox.EXPIRED)
        return self._send(taken)

    def _send(self, taken: Taken) -> str:
        channel = self.channels.get(taken.channel)
        gateway = self.gateways[channel.gateway] if channel else None
        mt = self._letter(taken)
        if channel is None or gateway is None or gateway.send is None or mt is None:
            return self._finish(taken, outbox.FAILED)
        try:
            provider_id = gateway.send(channel, mt)
        except GatewayError as refused:
            if refused.retryable:
                return self._again(taken)
            return self._finish(taken, outbox.FAILED)
        return self._finish(taken, outbox.SENT, provider_id)

    def _letter(self, taken: Taken) -> MT | None:
        """Number and words; None when there is nobody to tell any more."""
        if taken.kind in WORDS:
            with self.record.reading() as connection:
                desk = desks.get(connection, taken.desk)
                if desk is None or not desk.duty_phone:
                    return None
                if stopped(connection, self.sealer, taken.channel, desk.duty_phone):
                    return None  # STOP silences officers' texts as well (SAFETY 19)
            words = Text(WORDS[taken.kind], {"ref": str(taken.callback_id)})
            voice = self.voices.get(desk.duty_language) or self.voices["en"]
            text = voice.say(words)
            return MT(desk.duty_phone, text, taken.valid_until)
        try:
            letter = json.loads(self.sealer.open_session(taken.once, taken.sealed or b""))
        except SealBroken:
            return None
        return MT(letter["number"], letter["text"], taken.valid_until)

    def _again(self, taken: Taken) -> str:
        wait = BACKOFF[min(taken.tries, len(BACKOFF)) - 1]
        with self.record.writing() as connection:
            outbox.again(connection, taken.id, self.clock() + wait)
        return outbox.PENDING

    def _finish(self, taken: Taken, state: str, provider_id: str = "") -> str:
        with self.record.writing() as connection:
            outbox.finish(connection, taken.id, state, provider_id)
        return state
