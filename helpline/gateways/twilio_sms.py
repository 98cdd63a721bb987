"""Twilio SMS (and what speaks like it): signed messages and reports in, messages out, never twice.

Channel options: `account` (the account SID), `auth_token` (else the first secret), `api_base`,
`messaging_service`, `status_callback`, `timeout`. The secrets are the tokens that sign webhooks.
"""

from collections.abc import Mapping
from urllib.parse import unquote

import requests
from twilio import request_validator as signing  # type: ignore[import-untyped]
from twilio.base import exceptions, values  # type: ignore[import-untyped]
from twilio.http.http_client import TwilioHttpClient  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from helpline.core.errors import GatewayError, RefusedRequest
from helpline.core.message import MO, MT, Kind, Receipt, ReceiptState
from helpline.gateways.base import (
    MAX_BODY,
    MAX_ID,
    MAX_SMS,
    Answer,
    Channel,
    Gateway,
    Wire,
    WireAnswer,
    bounded_id,
    e164,
    never_sent,
    option,
    provider_word,
    seconds_left,
    send_timeout,
)

_MAX_VALIDITY = 36_000  # seconds, Twilio's own limit and default
# AttributeError: the answer was JSON but no object.
_FAILURES = (requests.RequestException, exceptions.TwilioException, ValueError, AttributeError)
_NO_REPLY = b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_SETTINGS = "x-twilio-webhooks-signature-settings"
_ALGORITHMS = ("HMAC_SHA1", "HMAC_SHA256")
_STATES: Mapping[str, ReceiptState] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), ReceiptState.ACCEPTED),
    "sent": ReceiptState.SENT,
    **dict.fromkeys(("undelivered", "failed", "canceled"), ReceiptState.FAILED),
    **dict.fromkeys(("delivered", "read"), ReceiptState.DELIVERED),
}


def authentic(channel: Channel, wire: Wire) -> bool:
    """Whether a live token signed the whole request as it came; never raises."""
    signature = wire.headers.get("x-twilio-signature", "")
    algorithm = signing.get_signature_algorithm(wire.headers.get(_SETTINGS))
    hashed = "bodysha256" in unquote(wire.url).lower()  # announces a JSON body; we take forms only
    if hashed or not signature or algorithm.upper() not in _ALGORITHMS:
        return False
    try:
        form = wire.form()
    except RefusedRequest:
        return False
    return any(
        signing.RequestValidator(token).validate(wire.url, form, signature, algorithm)
        for token in channel.secrets
        if token  # anybody can sign with an empty one
    )


def parse_inbound(channel: Channel, wire: Wire) -> MO:
    form = wire.form()
    form.once("To")
    return MO(
        number=e164(form.one("From", limit=64), channel.region),
        text=form.one("Body", limit=MAX_BODY)[:MAX_SMS],
        provider_id=bounded_id(form.one("MessageSid"), "MessageSid"),
    )


def parse_status(channel: Channel, wire: Wire) -> Receipt:
    form = wire.form()
    raw = provider_word(form.one("MessageStatus"))
    return Receipt(
        provider_id=bounded_id(form.one("MessageSid"), "MessageSid"),
        state=_STATES.get(raw, ReceiptState.UNKNOWN),
        raw=raw,
        reason=provider_word(form.one("ErrorCode", default="")),
    )


def render(answer: Answer) -> WireAnswer:
    """No reply in the answer: what is to be said goes out through the outbox."""
    return WireAnswer(_NO_REPLY, "text/xml; charset=utf-8")


def send(channel: Channel, mt: MT) -> str:
    left = seconds_left(mt)
    client = _client(channel)
    service = channel.options.get("messaging_service")
    try:
        sid = client.messages.create(
            to=mt.number,
            body=mt.text,
            from_=values.unset if service else channel.address,
            messaging_service_sid=service or values.unset,
            status_callback=channel.options.get("status_callback") or values.unset,
            validity_period=values.unset if left is None else min(left, _MAX_VALIDITY),
        ).sid
    except _FAILURES as failure:
        refusal = _refusal(failure)
    else:
        if isinstance(sid, str) and sid:
            return sid[:MAX_ID]
        refusal = GatewayError("twilio: accepted without an id", retryable=False)
    finally:
        client.http_client.session.close()
    raise refusal  # outside the handler: the client's errors quote number and text


def _client(channel: Channel) -> Client:
    token = channel.options.get("auth_token") or next(iter(channel.secrets), "")
    client = Client(
        option(channel, "account"),
        token or option(channel, "auth_token"),
        http_client=TwilioHttpClient(timeout=send_timeout(channel)),
        environment={"": ""},  # an empty one would mean os.environ, whose region moves the host
    )
    client.api.base_url = channel.options.get("api_base") or client.api.base_url
    return client


def _refusal(failure: Exception) -> GatewayError:
    """Retryable only for what was certainly not sent: no connection, or too many requests."""
    if never_sent(failure):
        return GatewayError("twilio: no connection", retryable=True)
    status, code = getattr(failure, "status", None), getattr(failure, "code", None)
    if code == 21610:
        return GatewayError("twilio: opted out", retryable=False)
    if isinstance(status, int) and isinstance(code, int):
        return GatewayError(f"twilio: HTTP {status}, code {code}", retryable=status == 429)
    return GatewayError(f"twilio: {type(failure).__name__}", retryable=False)


GATEWAY = Gateway(
    name="twilio-sms",
    kind=Kind.SMS,
    parsers={"inbound": parse_inbound, "status": parse_status},
    render=render,
    authentic=authentic,
    send=send,
)
