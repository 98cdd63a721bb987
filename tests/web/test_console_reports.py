"""Figures in the console over real HTTP: who sees which, and that files equal the screen."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape

import httpx2
import pytest

from helpline import runtime
from helpline.core import periods
from helpline.core.access import Role
from helpline.core.suppression import MARK
from helpline.service.filing import Filed, Origin
from helpline.service.report_files import guarded
from helpline.store import officers
from helpline.store.schema import audit
from helpline.web.console.cookies import LOGIN, name_of
from helpline.web.console.reports import TABLES
from tests.service.test_report_files import sheets
from tests.web.site import Site
from tests.world import HAA, report

PAGE = "/console/reports"
NUMBER = "+97510600001"


@dataclass
class Console:
    """One officer's browser."""

    site: Site
    client: httpx2.Client
    form_token: str

    def get(self, path: str, **query: str) -> httpx2.Response:
        return self.client.get(f"{self.site.base}{path}", params=query)

    def post(self, path: str, **fields: str) -> httpx2.Response:
        data = {"token": self.form_token, **fields}
        return self.client.post(f"{self.site.base}{path}", data=data)


def console(site: Site, name: str, role: Role, *at: str) -> Iterator[Console]:
    parts, now = site.parts, runtime.now()
    with parts.record.writing() as connection:
        officers.put(connection, name, woman=True, desks=at, role=role)
        officer = officers.named(connection, name)
        assert officer is not None
        token = parts.visits.begin(connection, officer, "test", now)
    visitor = parts.visits.look(token, now)
    assert visitor is not None
    with httpx2.Client(
        timeout=30, trust_env=False, cookies={name_of(LOGIN, parts): token}
    ) as client:
        yield Console(site, client, visitor.login.form_token)


@pytest.fixture
def dema(filled: Site) -> Iterator[Console]:
    yield from console(filled, "Dema", Role.SUPERVISOR, HAA)


@pytest.fixture
def ada(filled: Site) -> Iterator[Console]:
    yield from console(filled, "Ada", Role.ADMINISTRATOR)


@pytest.fixture
def pema(filled: Site) -> Iterator[Console]:
    yield from console(filled, "Pema", Role.OFFICER, HAA)


def file(site: Site, concern: str, about: str, at: datetime, *, consented: bool = True) -> Filed:
    told = report(concern=concern, about=about, consented=consented)
    origin = Origin("bt-ussd", runtime.new_id(), NUMBER)
    with site.parts.record.writing() as connection:
        return site.parts.filing.file_in(connection, origin, told, at)


@pytest.fixture(scope="module")
def filled(shared_site: Site) -> Site:
    """Last month nine about violence at home, two about sexual abuse, thirty about other things."""
    zone = shared_site.parts.content.programmes["bt"].zone
    last = runtime.now().astimezone(zone).replace(day=1, hour=12) - timedelta(days=5)
    for at in range(41):
        concern = "home" if at < 9 else "sexual" if at < 11 else "other"
        file(shared_site, concern, str(at), last)
    return shared_site


def month(site: Site) -> str:
    zone = site.parts.content.programmes["bt"].zone
    return periods.before(periods.month_of(runtime.now(), zone))


def table(page: httpx2.Response) -> list[list[str]]:
    """The cells of the page's table, as they are read."""
    assert page.status_code == 200
    (body,) = re.findall(r'<table class="figures">(.*?)</table>', page.text, re.S)
    rows = re.findall(r"<tr.*?>(.*?)</tr>", body, re.S)
    cells = [re.findall(r"<t[hd][^>]*>(?:<bdi>)?(.*?)(?:</bdi>)?</t[hd]>", row) for row in rows]
    return [[unescape(cell) for cell in row] for row in cells]


class TestPage:
    def test_the_last_month_by_concern(self, dema: Console) -> None:
        rows = table(dema.get(PAGE))
        assert rows[0] == ["Concern", "Requests"]
        assert rows[1:3] == [["Violence at home", MARK], ["Sexual abuse", MARK]]
        assert rows[-1] == ["Total", "41"]
        assert ["Something else", "30"] in rows

    @pytest.mark.parametrize("by", TABLES)
    def test_every_table_has_its_chart_with_the_same_numbers(self, ada: Console, by: str) -> None:
        page = ada.get(PAGE, programme="bt", by=by)
        rows = table(page)[1:]
        drawn = re.findall(r'class="chart-number"[^>]*>\u2066(.*?)\u2069<', page.text)
        counted = 2 if by == "category" else 1
        shown = [row[counted] for row in rows if row[0] != "Total"]
        assert [unescape(number) for number in drawn] == shown
        assert 'role="img"' in page.text

    def test_the_mark_is_explained(self, ada: Console) -> None:
        assert "fewer than 5, or hidden" in ada.get(PAGE).text

    def test_safety_22_figures_of_some_desks_are_not_for_publishing(
        self, dema: Console, ada: Console
    ) -> None:
        words = "Do not publish them"
        assert words in dema.get(PAGE).text
        assert words not in ada.get(PAGE, programme="bt").text

    def test_a_period_is_chosen(self, ada: Console) -> None:
        running = periods.month_of(runtime.now(), ada.site.parts.content.programmes["bt"].zone)
        page = ada.get(PAGE, programme="bt", period=running)
        assert "This month is not over" in page.text
        assert f'<option value="{running}" selected>' in page.text
        assert table(ada.get(PAGE, programme="bt", period="all"))[-1] == ["Total", "41"]
        assert table(ada.get(PAGE, programme="bt", period="2020"))[-1] == ["Total", "0"]

    def test_the_page_obeys_its_own_policy(self, dema: Console) -> None:
        page = dema.get(PAGE)
        assert "style-src 'self'" in page.headers["content-security-policy"]
        assert not re.search(r"<style|style=|<script>|onclick", page.text)

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({"by": "number"}, 400),
            ({"by": "all"}, 400),  # a page shows one table
            ({"period": "yesterday"}, 409),
            ({"programme": "pk"}, 409),
            ({"programme": "xx"}, 409),
        ],
    )
    def test_what_cannot_be_asked(self, dema: Console, query: dict[str, str], status: int) -> None:
        assert dema.get(PAGE, **query).status_code == status


class TestFiles:
    @pytest.mark.parametrize("by", TABLES)
    def test_safety_22_a_csv_equals_the_screen(self, dema: Console, by: str) -> None:
        screen = table(dema.get(PAGE, by=by))
        answer = dema.get(f"{PAGE}/file.csv", by=by)
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        end = rows.index([])
        assert rows[1:end] == [[str(guarded(cell)) for cell in row] for row in screen]
        name = f"bt-{month(dema.site)}-{by}.csv"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("by", TABLES)
    def test_safety_22_a_workbook_equals_the_screen(self, dema: Console, by: str) -> None:
        screen = table(dema.get(PAGE, by=by))
        found = sheets(dema.get(f"{PAGE}/file.xlsx", by=by).content)
        assert [[str(cell) for cell in row] for row in found[by]] == screen

    def test_all_tables_at_once(self, ada: Console) -> None:
        answer = ada.get(f"{PAGE}/file.xlsx", by="all", programme="bt")
        names = {name for name in TABLES if name != "category"}
        assert set(sheets(answer.content)) == {*names, "notes"}

    def test_there_are_no_other_files(self, ada: Console) -> None:
        assert ada.get(f"{PAGE}/file.pdf").status_code == 404

    def test_the_links_lead_to_the_files(self, dema: Console) -> None:
        links = re.findall(rf'href="({PAGE}/file[^"]+)"', dema.get(PAGE).text)
        assert len(links) == 4
        for link in links:
            assert dema.get(unescape(link)).status_code == 200


class TestWhoMay:
    @pytest.mark.parametrize("path", [PAGE, f"{PAGE}/file.csv", f"{PAGE}/file.xlsx"])
    def test_safety_23_an_officer_may_not(self, pema: Console, path: str) -> None:
        assert pema.get(path).status_code == 403

    def test_safety_23_an_officer_exports_nothing(self, pema: Console) -> None:
        assert pema.post(f"{PAGE}/primero", codes="1", reason="referral").status_code == 403

    def test_safety_23_an_administrator_reads_no_case(self, ada: Console) -> None:
        assert "Primero" not in ada.get(PAGE).text
        assert ada.post(f"{PAGE}/primero", codes="1", reason="referral").status_code == 403

    def test_nobody_without_a_login(self, filled: Site) -> None:
        answer = filled.client.get(f"{filled.base}{PAGE}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")

    def test_safety_23_every_look_is_logged(self, dema: Console) -> None:
        def made() -> int:
            with dema.site.parts.record.reading() as connection:
                rows = connection.execute(audit.select()).mappings().all()
            return sum(row["action"] == "report.made" for row in rows)

        before = made()
        dema.get(PAGE)
        dema.get(f"{PAGE}/file.csv")
        assert made() == before + 2


class TestPrimero:
    def test_a_case_is_given_with_a_reason(self, dema: Console) -> None:
        filed = file(dema.site, "sexual", "child", runtime.now())
        answer = dema.post(f"{PAGE}/primero", codes=filed.code, reason="referral")
        assert answer.status_code == 200
        data = json.loads(answer.content)["data"]
        assert data["protection_concerns"] == ["gbv_survivor"]
        assert answer.headers["content-disposition"] == f'attachment; filename="{data["id"]}.json"'

    def test_several_come_in_one_archive(self, dema: Console) -> None:
        codes = [file(dema.site, "home", f"p{at}", runtime.now()).code for at in range(2)]
        answer = dema.post(f"{PAGE}/primero", codes="\r\n".join(codes), reason="referral")
        assert answer.headers["content-type"] == "application/zip"

    def test_safety_11_without_consent_it_is_refused(self, dema: Console) -> None:
        filed = file(dema.site, "home", "adult", runtime.now(), consented=False)
        answer = dema.post(f"{PAGE}/primero", codes=filed.code, reason="referral")
        assert answer.status_code == 409
        assert "has not agreed to sharing" in answer.text

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"codes": "1234-5678", "reason": "referral"}, 409),
            ({"codes": "", "reason": "referral"}, 409),
            ({"codes": "nothing", "reason": "referral"}, 409),
            ({"codes": "1234-5678", "reason": "curious"}, 400),
            ({"codes": "1234-5678"}, 400),
            ({"codes": "1234-5678", "reason": "referral", "token": "old"}, 409),
        ],
    )
    def test_what_is_wrong_is_refused(
        self, dema: Console, fields: dict[str, str], status: int
    ) -> None:
        assert dema.post(f"{PAGE}/primero", **fields).status_code == status
