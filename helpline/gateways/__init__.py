"""Every gateway there is, by the name that a channel's configuration uses.

To add one: write a module beside these that promises a `GATEWAY` and imports only
`helpline.gateways.base` and `helpline.core`, name it in `GATEWAYS`, list it in the independence
contract in `pyproject.toml`, and give it a table of recorded bodies in `tests/gateways/`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from helpline.gateways import (
    africastalking_sms,
    africastalking_ussd,
    simulator,
    simulator_sms,
    twilio_sms,
)
from helpline.gateways.base import Gateway

GATEWAYS: Mapping[str, Gateway] = MappingProxyType(
    {
        "africastalking-ussd": africastalking_ussd.GATEWAY,
        "africastalking-sms": africastalking_sms.GATEWAY,
        "twilio-sms": twilio_sms.GATEWAY,
        "simulator": simulator.GATEWAY,
    }
)

# The simulator page's own; a channels file cannot name it.
SIMULATED: Mapping[str, Gateway] = MappingProxyType({"simulator-sms": simulator_sms.GATEWAY})
