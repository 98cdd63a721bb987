"""Africa's Talking USSD: a dialled code in, a `CON` or `END` screen out; it never decides the next.

The provider signs nothing, so a request is believed by the secret in its path. `text` holds the
whole input history, joined with `*`; splitting it is the receiver's work, as a caller may type `*`.
"""

from helpline.core.message import MO, Kind, SessionEnd
from helpline.gateways.base import (
    Answer,
    Channel,
    Gateway,
    Wire,
    WireAnswer,
    bounded_id,
    caller_number,
    provider_word,
)

MAX_HISTORY = 4000  # characters of joined inputs; a live session types far fewer in its 180 s
_BLANK = "..."  # an empty answer makes the provider end the session with an error


def parse_inbound(channel: Channel, wire: Wire) -> MO:
    form = wire.form()
    form.once("networkCode")
    form.one("serviceCode", limit=64)
    return MO(
        number=caller_number(form, "phoneNumber", channel),
        text=form.one("text", limit=MAX_HISTORY),
        session=bounded_id(form.one("sessionId"), "sessionId"),
        cumulative=True,
    )


def parse_events(channel: Channel, wire: Wire) -> SessionEnd:
    """The end of a session. `input` and `lastAppResponse` repeat it all and are left unread."""
    form = wire.form()
    return SessionEnd(
        session=bounded_id(form.one("sessionId"), "sessionId"),
        number=caller_number(form, "phoneNumber", channel),
        complete=provider_word(form.one("status")) != "Incomplete",
    )


def render(answer: Answer) -> WireAnswer:
    verb = "END" if answer.ends else "CON"
    return WireAnswer(f"{verb} {answer.text.lstrip() or _BLANK}".encode())


GATEWAY = Gateway(
    name="africastalking-ussd",
    kind=Kind.USSD,
    parsers={"inbound": parse_inbound, "events": parse_events},
    render=render,
)
