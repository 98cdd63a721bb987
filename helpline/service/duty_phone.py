"""Which desks a duty phone serves, and whether it said STOP: then nobody can be told there."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from helpline.crypto import Sealer
from helpline.gateways import GATEWAYS
from helpline.gateways.base import Channel, e164
from helpline.store import audit, desks, optouts
from helpline.store.desks import DeskRow

SILENCED, HEARD = "phone.silenced", "phone.heard"


def telling_channels(channels: Mapping[str, Channel]) -> dict[str, str]:
    """Per programme the first channel that can send texts."""
    found: dict[str, str] = {}
    for name, channel in channels.items():
        if GATEWAYS[channel.gateway].send is not None:
            found.setdefault(channel.programme, name)
    return found


def desks_of(connection: Connection, channel: Channel, number: str) -> tuple[DeskRow, ...]:
    """The desks of the channel's programme whose duty phone has this E.164 number, by code; the
    stored number may be in a national form."""
    return tuple(
        desk
        for desk in desks.all_desks(connection)
        if desk.programme == channel.programme
        and desk.duty_phone
        and number == e164(desk.duty_phone, channel.region)
    )


def stopped(connection: Connection, sealer: Sealer, channel: str, phone: str) -> bool:
    """Whether this phone said STOP on the channel."""
    try:
        return optouts.stopped(connection, channel, sealer.blind_indexes(phone))
    except ValueError:  # no E.164 number, so nobody can have texted from it
        return False


def silenced(
    connection: Connection, sealer: Sealer, channels: Mapping[str, str], desk: DeskRow
) -> bool:
    """Whether the desk has a duty phone that may not be texted. `channels`: per programme."""
    channel = channels.get(desk.programme)
    known = bool(desk.duty_phone) and channel is not None
    return known and stopped(connection, sealer, channel or "", desk.duty_phone)


def mark(connection: Connection, desk: DeskRow, action: str, now: datetime) -> None:
    """The desk reads in its log that its phone was silenced, or is heard again."""
    audit.append(
        connection,
        at=now,
        actor="system",
        action=action,
        subject=desk.code,
        detail={"desk": desk.code},
    )
