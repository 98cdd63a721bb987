"""The simulator page's texts: takes every MT and hands it to nobody, so that nothing can ring.

It has no webhook; the page gives its messages to the service itself. Never in a channels file:
a process knows it only while the simulator is on.
"""

import secrets

from helpline.core.message import MT, Kind
from helpline.gateways.base import Answer, Channel, Gateway, WireAnswer


def send(_channel: Channel, _mt: MT) -> str:
    return f"SIM{secrets.token_hex(14)}"


def render(_answer: Answer) -> WireAnswer:
    return WireAnswer(b"")


GATEWAY = Gateway(name="simulator-sms", kind=Kind.SMS, parsers={}, render=render, send=send)
