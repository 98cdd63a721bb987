"""The simulator's own small shape, and its texts that reach nobody."""

import pytest

from helpline.core.errors import RefusedRequest
from helpline.core.message import MO, MT, Kind
from helpline.gateways import GATEWAYS, SIMULATED, simulator_sms
from helpline.gateways.base import Answer, Channel
from helpline.gateways.simulator import GATEWAY, MAX_INPUT
from tests.gateways.provider_stub import channel, posted, told
from tests.private import PRIVATE_WORDS, traces

INBOUND = GATEWAY.parsers["inbound"]
WHO = [("session", "sim-1"), ("number", "+97510000001")]


@pytest.fixture
def line() -> Channel:
    return channel("simulator", region="BT")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ([], ""),
        ([("new", "1")], ""),
        ([("text", "")], ""),
        ([("text", "3*4")], "3*4"),
        ([("text", "x" * MAX_INPUT)], "x" * MAX_INPUT),
        *[([("text", word)], word) for word in PRIVATE_WORDS],
    ],
)
def test_inbound(line: Channel, more: list[tuple[str, str]], text: str) -> None:
    expected = MO(number="+97510000001", text=text, session="sim-1", cumulative=False)
    assert INBOUND(line, posted(WHO + more)) == expected


@pytest.mark.parametrize(
    "fields",
    [
        [],
        WHO[:1],
        WHO[1:],
        [*WHO, ("text", "x" * (MAX_INPUT + 1))],
        [*WHO, ("text", "1"), ("text", "1")],
        [*WHO, ("session", "sim-1")],
        [("session", "sim-1"), ("number", "my-secret-words")],
        [("session", ""), WHO[1]],
    ],
)
def test_inbound_refused(line: Channel, fields: list[tuple[str, str]]) -> None:
    with pytest.raises(RefusedRequest) as refused:
        INBOUND(line, posted(fields))
    assert refused.value.status == 400
    assert traces(told(refused.value)) == []


@pytest.mark.parametrize(("ends", "state"), [(False, "continue"), (True, "end")])
def test_render(ends: bool, state: str) -> None:
    rendered = GATEWAY.render(Answer(PRIVATE_WORDS[2], ends))
    assert rendered.body.decode() == PRIVATE_WORDS[2]
    assert rendered.content_type == "text/plain; charset=utf-8"
    assert rendered.headers == (("X-Helpline-Session", state),)


def test_the_simulator_sends_nothing() -> None:
    assert GATEWAY.send is None


class TestTexts:
    def test_each_has_an_id_of_its_own(self, line: Channel) -> None:
        mt = MT("+97510000001", PRIVATE_WORDS[2])
        ids = {simulator_sms.send(line, mt) for _ in range(100)}
        assert len(ids) == 100
        assert all(traces(name) == [] for name in ids)

    def test_no_channels_file_can_name_it(self) -> None:
        assert not set(SIMULATED) & set(GATEWAYS)
        for name, gateway in SIMULATED.items():
            assert (gateway.name, gateway.kind) == (name, Kind.SMS)
            assert gateway.parsers == {}
            assert gateway.render(Answer(PRIVATE_WORDS[2], ends=False)).body == b""
