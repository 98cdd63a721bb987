"""The simulator page in a real browser, as a person's hands and eyes find it."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

WAIT = 20_000  # milliseconds; two busy cores


class Handset:
    """`requests` and `complaints` (console errors, page errors) fill as the page runs."""

    def __init__(self, page: "Page", base: str) -> None:
        self.page, self.base = page, base
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.set_default_timeout(WAIT)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._said(said.type, said.text))

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def open(self, programme: str = "bt", language: str = "", channel: str = "ussd") -> "Handset":
        self.page.goto(f"{self.base}/simulator")
        self.settle()
        for name, value in (("programme", programme), ("channel", channel), ("language", language)):
            self.page.select_option(f"#{name}", value)
            self.settle()
        return self

    def settle(self) -> None:
        self.page.wait_for_selector("main[aria-busy=false]")

    def press(self, button: str) -> None:
        self.page.click(f"#{button}")
        self.settle()

    def dial(self) -> dict[str, Any]:
        """Dials; what the helpline answered."""
        with self.page.expect_response("**/simulator/ussd") as answered:
            self.press("dial")
        return answer(answered.value)

    def send(self, typed: str) -> None:
        self.page.fill("#text", typed)
        self.page.press("#text", "Enter")
        self.settle()

    def screen(self) -> str:
        """The text on the screen, a line for each line that is shown."""
        return "\n".join(self.page.locator("#screen .line").all_text_contents())

    def fact(self, name: str) -> str:
        return self.page.inner_text(f"#{name}")

    def keys(self) -> list[str]:
        """The keys that choose something."""
        return [key for key in self.fact("keys").split(", ") if key.isdigit()]

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))

    def fonts(self, selector: str) -> dict[str, bool]:
        """The fonts that drew this element, and whether each came from the page."""
        devtools = self.page.context.new_cdp_session(self.page)
        for domain in ("DOM", "CSS"):
            devtools.send(f"{domain}.enable")
        root = devtools.send("DOM.getDocument")["root"]["nodeId"]
        query = {"nodeId": root, "selector": selector}
        node = devtools.send("DOM.querySelector", query)["nodeId"]
        drawn = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        devtools.detach()
        return {font["familyName"]: font["isCustomFont"] for font in drawn}

    def overflows(self) -> bool:
        return bool(
            self.page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
        )


def answer(response: "Response") -> dict[str, Any]:
    (only,) = json.loads(response.text())["answers"]
    assert isinstance(only, dict)
    return only
