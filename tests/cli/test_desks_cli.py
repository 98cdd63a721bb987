"""`helpline desks`: which there are, what is known of one, and which is nearest."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpline import runtime
from tests.cli.tool import Ran, Tool, prepared
from tests.quetta import table

CONTENT = runtime.content()
ALONE = 'BT-WCPD-13,bt,WCPD,"Desk, Haa",BT-13,BT-WCPU-PARO,BT-13,{},{},yes,{},Letter,2025-06-01'


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tool]:
    yield prepared(tmp_path_factory.mktemp("desks") / "data")


def asked(ran: Ran) -> dict[str, object]:
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert isinstance(told, dict)
    return told


def codes(told: dict[str, object], field: str = "desks") -> list[str]:
    listed = told[field]
    assert isinstance(listed, list)
    return [one["code"] for one in listed]


class TestNearest:
    def nearest(self, tool: Tool, query: str, *more: str) -> dict[str, object]:
        return asked(tool("desks", "nearest", "--query", query, "--json", *more))

    def test_gives_the_place_and_its_desks(self, tool: Tool) -> None:
        told = self.nearest(tool, "Punakha", "--programme", "bt")
        assert told["query"] == "Punakha"
        assert told["programme"] == "bt"
        assert told["place"] == {
            "code": "BT-23",
            "name": "Punakha",
            "level": "district",
            "district": "BT-23",
            "country": "BT",
        }
        assert told["candidates"] == []
        assert codes(told) == ["BT-WCPD-23", "BT-WCPD-24", "BT-WCPU-THIMPHU"]

    def test_each_desk_says_where_when_and_whether_it_answers(self, tool: Tool) -> None:
        desks = self.nearest(tool, "Punakha")["desks"]
        assert isinstance(desks, list)
        assert desks[1] == {
            "code": "BT-WCPD-24",
            "name": "Women and Child Protection Desk, Wangdue Phodrang",
            "place": "BT-24",
            "distance_km": 12,
            "jurisdiction": False,
            "phone": None,
            "hours": "24/7",
            "open_now": True,
        }

    @pytest.mark.parametrize("limit", [1, 2, 5])
    def test_as_many_as_are_asked_for(self, tool: Tool, limit: int) -> None:
        assert len(codes(self.nearest(tool, "Paro", "--limit", str(limit)))) == limit

    @pytest.mark.parametrize(
        ("query", "programme", "code"),
        [
            ("སྤུ་ན་ཁ", "bt", "BT-23"),
            ("کوئٹہ", "pk", "PK-BA-QUETTA"),
            ("KAMPOT", "kh", "KH-7"),
            ("Punaka", "bt", "BT-23"),
        ],
    )
    def test_without_a_programme_it_is_that_of_the_place(
        self, tool: Tool, query: str, programme: str, code: str
    ) -> None:
        told = self.nearest(tool, query)
        place = told["place"]
        assert isinstance(place, dict)
        assert (told["programme"], place["code"]) == (programme, code)

    def test_a_name_of_two_places_asks_which(self, tool: Tool) -> None:
        told = self.nearest(tool, "Gakiling", "--programme", "bt")
        assert (told["place"], told["desks"]) == (None, [])
        listed = told["candidates"]
        assert isinstance(listed, list)
        assert {one["district"] for one in listed} == {"BT-13", "BT-31"}

    def test_a_place_abroad_gives_the_number_there_and_no_desk(self, tool: Tool) -> None:
        told = self.nearest(tool, "Battambang", "--programme", "bt")
        assert told["abroad"] is True
        assert told["emergency"] == CONTENT.programmes["kh"].emergency
        assert (told["programme"], told["desks"]) == ("bt", [])

    def test_nowhere_is_an_answer_too(self, tool: Tool) -> None:
        told = self.nearest(tool, "!!!")
        assert (told["place"], told["candidates"], told["desks"]) == (None, [], [])
        assert told["programme"] is None

    def test_a_text_that_is_no_query_is_refused(self, tool: Tool) -> None:
        ran = tool("desks", "nearest", "--query", "x" * 1001, "--json")
        assert ran.code == 1
        assert json.loads(ran.out)["error"] == "longer than 1000 characters"

    @pytest.mark.parametrize("limit", ["0", "51", "many", "-1"])
    def test_a_limit_that_is_none_shows_the_usage(self, tool: Tool, limit: str) -> None:
        ran = tool("desks", "nearest", "--query", "Paro", f"--limit={limit}")
        assert ran.code == 2
        assert "a number from 1 to 50" in ran.err

    @pytest.mark.parametrize(
        ("query", "lines"),
        [
            ("Punakha", ["Punakha, Punakha (BT-23)", "  BT-WCPD-23: "]),
            ("Gakiling", ["Which of these?", "  BT.GE.GL: Gakiling, Sarpang"]),
            ("!!!", ["No such place is known."]),
        ],
    )
    def test_reads_well_without_json(self, tool: Tool, query: str, lines: list[str]) -> None:
        out = tool("desks", "nearest", "--query", query).out.splitlines()
        for line, begins in zip(out, lines, strict=False):
            assert line.startswith(begins)


class TestABatch:
    def test_answers_each_line_with_one_object(self, tool: Tool, tmp_path: Path) -> None:
        path = tmp_path / "queries.txt"
        path.write_bytes("Punakha\r\n\nکوئٹہ\n".encode() + b"\xff\xfe\n" + b"Paro")
        ran = tool("desks", "nearest", "--batch", str(path), "--limit", "1")
        rows = ran.json()
        assert [row.get("query") for row in rows] == ["Punakha", "", "کوئٹہ", None, "Paro"]
        assert [codes(row) for row in rows if row.get("place")] == [
            ["BT-WCPD-23"],
            ["PK-WPS-QUETTA"],
            ["BT-WCPD-11"],
        ]
        assert rows[3] == {"query": None, "error": "not UTF-8"}

    @pytest.mark.parametrize("length", [1001, 4000, 4001, 4002, 4003, 8004, 300_000])
    def test_a_line_that_is_too_long_does_not_hide_the_next(
        self, tool: Tool, tmp_path: Path, length: int
    ) -> None:
        path = tmp_path / "queries.txt"
        path.write_bytes(b"x" * length + b"\nParo\n" + b"x" * length)
        first, second, third = tool("desks", "nearest", "--batch", str(path)).json()
        assert first["error"] == third["error"] == "longer than 1000 characters"
        assert second["query"] == "Paro"

    def test_a_thousand_khmer_letters_are_a_query(self, tool: Tool, tmp_path: Path) -> None:
        path = tmp_path / "queries.txt"
        path.write_text("ក" * 1000 + "\n", encoding="utf-8")
        (row,) = tool("desks", "nearest", "--batch", str(path)).json()
        assert "error" not in row

    def test_from_standard_input(self, tool: Tool) -> None:
        typed = ["Punakha", "Haa"]
        ran = tool.process("desks", "nearest", "--batch", "-", "--programme", "bt", typed=typed)
        assert [row["query"] for row in ran.json()] == typed

    def test_a_file_that_is_not_there(self, tool: Tool) -> None:
        ran = tool("desks", "nearest", "--batch", "/nowhere")
        assert ran.sentence() == "/nowhere cannot be read: No such file or directory."


class TestListAndShow:
    def test_all_that_is_known_of_a_desk(self, tool: Tool) -> None:
        told = asked(tool("desks", "show", "PK-CPU-RAJANPUR", "--json"))
        known = CONTENT.directory.desks["PK-CPU-RAJANPUR"]
        assert {**told, "open_now": None} == {
            "code": "PK-CPU-RAJANPUR",
            "programme": "pk",
            "parent": "PK-CPB-LAHORE",
            "officers": ["pk-officer-one", "pk-officer-two", "pk-supervisor"],
            "duty_phone": True,
            "name": known.name,
            "kind": "CPU",
            "place": "PK-PB-RAJANPUR",
            "serves": ["PK-PB-RAJANPUR"],
            "phone": "1121",
            "hours": "",
            "open_now": None,
            "public": True,
            "verified": True,
            "source": known.source,
            "source_date": "2023-08-26",
        }

    def test_the_list_holds_the_same_of_every_desk(self, tool: Tool) -> None:
        rows = tool("desks", "list", "--json").json()
        assert {row["code"] for row in rows} == CONTENT.directory.desks.keys()
        one = asked(tool("desks", "show", "KH-CPU", "--json"))
        assert one in rows

    def test_the_list_says_what_is_not_verified(self, tool: Tool) -> None:
        lines = tool("desks", "list", "--programme", "kh").out.splitlines()
        marked = {line.split()[0] for line in lines if line.endswith("(not verified)")}
        ours = [d for d in CONTENT.directory.desks.values() if d.programme == "kh"]
        unverified = {d.code for d in ours if not d.verified}
        assert marked == unverified

    def test_shown_for_a_person_to_read(self, tool: Tool) -> None:
        lines = tool("desks", "show", "KH-CPU").out.splitlines()
        assert "verified     yes" in lines
        assert "open_now     not known" in lines

    def test_an_unknown_desk_is_a_sentence(self, tool: Tool) -> None:
        assert tool("desks", "show", "NOPE").sentence() == "There is no desk NOPE."

    @pytest.mark.parametrize(("verified", "phone"), [("yes", "+97510600013"), ("no", None)])
    def test_safety_25_only_a_verified_desk_has_a_phone(
        self, tmp_path: Path, verified: str, phone: str | None
    ) -> None:
        own = prepared(tmp_path / "data")
        line = ALONE.format("+97510600013", "Mon-Fri 09:00-17:00", verified)
        assert own("directory", "import", str(table(tmp_path, "desks", line))).code == 0
        told = asked(own("desks", "show", "BT-WCPD-13", "--json"))
        assert (told["phone"], told["hours"]) == (phone, "Mon-Fri 09:00-17:00")
        assert told["open_now"] in (True, False)
