"""From the operator's file to the caller's screen: ten stations of Quetta, no restart."""

import json
import re
from pathlib import Path

from tests import quetta
from tests.cli.tool import Tool
from tests.servers import wait_until
from tests.web.site import PUBLIC, Site

STATION = "PK-GFD-QTA-09"
NUMBER = "+923800000001"
SECONDS = 10  # by when every web process has seen an import


class Caller:
    """Reads each screen and presses the key before the wanted words."""

    def __init__(self, site: Site, session: str) -> None:
        self.site, self.session, self.typed = site, session, list[str]()
        self.screen = ""

    def send(self, *typed: str) -> str:
        self.typed += typed
        said = self.site.dial(
            "*".join(self.typed), session=self.session, number=NUMBER, channel="pk-ussd"
        )
        assert said.status_code == 200
        self.screen = said.text.partition(" ")[2].replace("\u200e", "")
        return self.screen

    def choose(self, label: str) -> str:
        """On this page or on those after it."""
        for _page in range(9):
            found = re.search(rf"^(\d+) {re.escape(label)}$", self.screen, re.MULTILINE)
            if found:
                return self.send(found[1])
            self.send("8")
        raise AssertionError(f"{label} is nowhere: {self.screen}")


def asked_for_area(site: Site, session: str) -> Caller:
    """A caller in Quetta who is asked which area is nearest."""
    caller = Caller(site, session)
    caller.send()
    if "English" in caller.screen:  # the first call of a phone
        caller.choose("English")
    caller.choose("Find nearest desk")
    caller.choose("Quetta")
    assert caller.screen.startswith("Which area is nearest?")
    return caller


def offers(site: Site, label: str, session: str) -> bool:
    try:
        asked_for_area(site, session).choose(label)
    except AssertionError:
        return False
    return True


def test_ten_stations_of_quetta_reach_terminal_record_and_phone(
    own_site: Site, tmp_path: Path
) -> None:
    config = own_site.parts.config
    tool = Tool(
        {
            "HELPLINE_DATA": str(config.data),
            "REDIS_URL": config.redis_url,
            "HELPLINE_SIMULATOR": "on",
            "PUBLIC_BASE_URL": PUBLIC,
        }
    )
    waiting = asked_for_area(own_site, "before")
    files = [str(path) for path in quetta.written(tmp_path)]
    assert tool("directory", "import", *files).code == 0

    told = json.loads(tool("desks", "nearest", "--query", "Area Nine", "--json").out)
    assert (told["programme"], told["place"]["code"]) == ("pk", "PK-BA-QUETTA-09")
    first = told["desks"][0]
    assert (first["code"], first["jurisdiction"]) == (STATION, True)
    assert STATION in tool("desks", "list", "--programme", "pk").out
    rows = tool("desks", "list", "--json").json()
    assert STATION in [row["code"] for row in rows]

    calls = iter(range(10_000))
    seen = wait_until(lambda: offers(own_site, "Area Nine", f"c{next(calls)}"), SECONDS)
    assert seen, "a running web process does not see the import"

    caller = asked_for_area(own_site, "after")
    assert "Gender desk, police station, Area Nine" in caller.choose("Area Nine")

    # Who was asked before the import reads the screen again, with the new areas.
    again = waiting.send("1")
    assert again.startswith("Which area is nearest?")
    assert "Area Nine" in waiting.choose("Area Nine")
