"""Which addresses a channel has: what an operator pastes at the provider, and what routes them."""

from collections.abc import Mapping
from dataclasses import replace

from helpline.gateways.base import Channel, Gateway

PREFIX = "/hooks"


def paths(channel: Channel, gateway: Gateway) -> dict[str, str]:
    """The path of each webhook that the channel's gateway has; unsigned ones hold the secret."""
    secret = "" if gateway.authentic else f"/{channel.secrets[0]}"
    return {name: f"{PREFIX}/{channel.name}{secret}/{name}" for name in gateway.parsers}


def urls(channel: Channel, gateway: Gateway, base: str) -> dict[str, str]:
    return {name: f"{base}{path}" for name, path in paths(channel, gateway).items()}


def with_status_callback(channel: Channel, gateway: Gateway, base: str) -> Channel:
    """The channel, telling its provider where delivery reports go."""
    status = urls(channel, gateway, base).get("status")
    if status is None or "status_callback" in channel.options:
        return channel
    options: Mapping[str, str] = {**channel.options, "status_callback": status}
    return replace(channel, options=options)
