"""Africa's Talking SMS: messages in, delivery reports in, messages out; none is ever sent twice.

The provider signs nothing, so a request is believed by the secret in its path. It repeats an
incoming message every minute for 12 hours until HTTP 200, so odd content is cut, not refused.
Channel options: `account` (the user name), `api_key`, `sender`, `api_base`, `timeout`.
"""

import contextlib
import json
from collections.abc import Mapping

import requests
from africastalking.Service import AfricasTalkingException
from africastalking.SMS import SMSService

from helpline.core.errors import GatewayError
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

_CONNECT_TIMEOUT = 3.05  # seconds, the SDK's own
_STATES: Mapping[str, ReceiptState] = {
    **dict.fromkeys(("Sent", "Submitted", "Buffered"), ReceiptState.SENT),
    **dict.fromkeys(("Rejected", "Failed", "AbsentSubscriber", "Expired"), ReceiptState.FAILED),
    "Success": ReceiptState.DELIVERED,
}
_ACCEPTED = frozenset({100, 101, 102})  # processed, sent, queued
_RETRYABLE = frozenset({500, 501})  # 502 is a rejection by the telco, so final
_REFUSALS: Mapping[int, str] = {
    401: "RiskHold",
    402: "InvalidSenderId",
    403: "InvalidPhoneNumber",
    404: "UnsupportedNumberType",
    405: "InsufficientBalance",
    406: "opted out",
    407: "CouldNotRoute",
    409: "DoNotDisturbRejection",
    500: "InternalServerError",
    501: "GatewayError",
    502: "RejectedByGateway",
}


def parse_inbound(channel: Channel, wire: Wire) -> MO:
    form = wire.form()
    form.once("date", "linkId", "to", "networkCode", "cost")
    return MO(
        number=e164(form.one("from", limit=64), channel.region),
        text=form.one("text", limit=MAX_BODY)[:MAX_SMS],
        provider_id=bounded_id(form.one("id"), "id"),
    )


def parse_status(channel: Channel, wire: Wire) -> Receipt:
    form = wire.form()
    form.once("phoneNumber", "networkCode", "retryCount")
    raw = provider_word(form.one("status"))
    return Receipt(
        provider_id=bounded_id(form.one("id"), "id"),
        state=_STATES.get(raw, ReceiptState.UNKNOWN),
        raw=raw,
        reason=provider_word(form.one("failureReason", default="")),
    )


def render(answer: Answer) -> WireAnswer:
    """An empty 200: what is to be said goes out through the outbox."""
    return WireAnswer(b"")


def send(channel: Channel, mt: MT) -> str:
    """Hands over one MT. The provider has no expiry, so `valid_until` is checked only before."""
    seconds_left(mt)
    timeout, service = send_timeout(channel), _service(channel)
    try:
        answer = service.send(
            mt.text,
            [mt.number],
            sender_id=channel.options.get("sender") or None,
            timeout=(min(_CONNECT_TIMEOUT, timeout), timeout),
        )
    except (requests.RequestException, AfricasTalkingException, ValueError) as failure:
        refusal = _refusal(failure)
    else:
        return _message_id(answer)
    raise refusal  # outside the handler: the SDK's errors quote number, answer and headers


def _service(channel: Channel) -> SMSService:
    """The SDK's service for this channel; its module-wide `initialize` knows one account only."""
    service = SMSService(option(channel, "account"), option(channel, "api_key"))
    if api_base := channel.options.get("api_base"):
        service._baseUrl = api_base.rstrip("/") + "/version1"
    return service


def _refusal(failure: Exception) -> GatewayError:
    """The SDK hides the HTTP status, so an error answer is final: it may have been sent."""
    if never_sent(failure):
        return GatewayError("africastalking: no connection", retryable=True)
    if isinstance(failure, AfricasTalkingException):
        return GatewayError("africastalking: HTTP error", retryable=False)
    return GatewayError(f"africastalking: {type(failure).__name__}", retryable=False)


def _message_id(answer: object) -> str:
    """The id of the message; HTTP 201 may hold a refusal. Nothing of the answer is quoted."""
    recipient = _first_recipient(answer)
    code, message_id = recipient.get("statusCode"), recipient.get("messageId")
    code = code if isinstance(code, int) else 0
    if code not in _ACCEPTED:
        word = _REFUSALS.get(code, "not accepted")
        raise GatewayError(f"africastalking: {word}", retryable=code in _RETRYABLE)
    if not isinstance(message_id, str) or not message_id:
        raise GatewayError("africastalking: accepted without an id", retryable=False)
    return message_id[:MAX_ID]


def _first_recipient(answer: object) -> dict[str, object]:
    """The SDK leaves the answer a str when its content type says more than `application/json`."""
    parsed: object = None
    with contextlib.suppress(ValueError, TypeError, LookupError):
        text = answer if isinstance(answer, str) else json.dumps(answer)
        parsed = json.loads(text)["SMSMessageData"]["Recipients"][0]
    return parsed if isinstance(parsed, dict) else {}


GATEWAY = Gateway(
    name="africastalking-sms",
    kind=Kind.SMS,
    parsers={"inbound": parse_inbound, "status": parse_status},
    render=render,
    send=send,
)
