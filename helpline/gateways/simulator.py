"""The simulator page's gateway: the plainest USSD shape there is, and it never sends anything."""

from helpline.core.message import MO, Kind
from helpline.gateways.base import (
    Answer,
    Channel,
    Gateway,
    Wire,
    WireAnswer,
    bounded_id,
    caller_number,
)

MAX_INPUT = 200  # characters; a USSD reply holds at most 182


def parse_inbound(channel: Channel, wire: Wire) -> MO:
    """`text` is the latest input only; the first request of a session may leave it out."""
    form = wire.form()
    return MO(
        number=caller_number(form, "number", channel),
        text=form.one("text", default="", limit=MAX_INPUT),
        session=bounded_id(form.one("session"), "session"),
    )


def render(answer: Answer) -> WireAnswer:
    state = "end" if answer.ends else "continue"
    return WireAnswer(answer.text.encode(), headers=(("X-Helpline-Session", state),))


GATEWAY = Gateway(
    name="simulator",
    kind=Kind.USSD,
    parsers={"inbound": parse_inbound},
    render=render,
)
