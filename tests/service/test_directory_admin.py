"""Importing tables: all of it or nothing, and everything that is wrong said at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from helpline import directory, runtime
from helpline.cli import check
from helpline.core.directory import Directory
from helpline.core.errors import ConfigError, ContentError, Refused
from helpline.core.play import Player
from helpline.directory.tables import LONGEST_FILE
from helpline.service import known
from helpline.service.directory_admin import DirectoryAdmin, Plan
from helpline.store import desks, directory_rows, migrate
from helpline.store.record import Record
from helpline.store.schema import audit, metadata
from tests import quetta
from tests.quetta import HEADERS, table

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CONTENT = runtime.content()
KINDS = {code: programme.desk_kinds for code, programme in CONTENT.programmes.items()}
HAA = (
    'BT-WCPD-13,bt,WCPD,"Women and Child Protection Desk, Haa",BT-13,BT-WCPU-PARO,BT-13,'
    "+97510600013,24/7,yes,yes,Letter,2026-11-01"
)
# A desk that a good row could be, by cells; each fault changes one of them.
DESK = dict(
    zip(
        HEADERS["desks"].split(","),
        ("BT-NEW", "bt", "WCPD", "New", "BT-13", "BT-WCPU-PARO", "", "", "", "yes", "yes", "x", ""),
        strict=True,
    )
)
PLACE = dict(
    zip(
        HEADERS["places"].split(","),
        ("BT-13-X", "locality", "chiwog", "BT-13", "New", "", "", "", "27.3", "89.2", "x"),
        strict=True,
    )
)


@dataclass
class Office:
    """An operator with a record and a folder of files."""

    folder: Path
    admin: DirectoryAdmin
    record: Record

    def imported(self, *paths: Path, actor: str = "sonam") -> Plan:
        plan = self.admin.plan(paths, NOW)
        self.admin.prove(plan, NOW)
        self.admin.commit(plan, actor, NOW)
        return plan

    def wrong(self, *paths: Path) -> list[str]:
        """The faults that refuse the files; nothing may have changed."""
        before = self.everything()
        with pytest.raises(ContentError) as refused:
            self.imported(*paths)
        assert self.everything() == before
        return str(refused.value).split("\n")

    def everything(self) -> dict[str, list[object]]:
        with self.record.reading() as connection:
            return {
                table.name: list(connection.execute(select(table).order_by(*table.primary_key)))
                for table in metadata.sorted_tables
            }

    def raw(self, content: bytes, name: str = "desks.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


def opened(folder: Path, database_url: str) -> Office:
    record = Record(database_url)
    migrate.upgrade(record)
    with record.writing() as connection:
        desks.put_desks(connection, CONTENT.directory.desks.values())
    admin = DirectoryAdmin(
        record, KINDS, lambda d: check.players(replace(CONTENT, directory=d), {})
    )
    return Office(folder, admin, record)


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    """On both databases."""
    made = opened(tmp_path, database_url)
    yield made
    made.record.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """For files that are refused: they leave nothing behind."""
    folder = tmp_path_factory.mktemp("office")
    made = opened(folder, f"sqlite:///{folder / 'record.sqlite3'}")
    yield made
    made.record.close()


def row(cells: dict[str, str], **changed: str) -> str:
    return ",".join(f'"{cell}"' for cell in {**cells, **changed}.values())


class TestAnImport:
    def test_puts_rows_over_the_packaged_ones_and_keeps_all_others(self, office: Office) -> None:
        office.imported(table(office.folder, "desks", HAA))
        after = known.directory_of(office.record)
        assert after.desks["BT-WCPD-13"].phone == "+97510600013"
        assert after.desks.keys() == CONTENT.directory.desks.keys()
        assert after.places.keys() == CONTENT.directory.places.keys()

    def test_new_stations_and_their_places_come_in_one_go(self, office: Office) -> None:
        plan = office.imported(*quetta.written(office.folder))
        assert plan.counts() == {"places": (10, 0), "desks": (10, 0)}
        after = known.directory_of(office.record)
        assert after.desk_for("PK-BA-QUETTA-09").code == "PK-GFD-QTA-09"
        assert after.revision == known.revision_of(office.record) == 2
        with office.record.reading() as connection:
            row = desks.get(connection, "PK-GFD-QTA-09")
        assert row is not None
        assert (row.programme, row.parent) == ("pk", "PK-WPS-QUETTA")

    def test_leaves_a_row_in_the_audit_log(self, office: Office) -> None:
        office.imported(*quetta.written(office.folder))
        with office.record.reading() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.seq)).mappings().all()
        assert [(r["actor"], r["action"], r["detail"]) for r in rows] == [
            ("sonam", "directory.imported", {"table": name, "added": 10, "changed": 0})
            for name in ("places", "desks")
        ]

    def test_of_the_same_file_again_changes_nothing(self, office: Office) -> None:
        paths = quetta.written(office.folder)
        office.imported(*paths)
        before = office.everything()
        assert office.admin.plan(paths, NOW).changes == ()
        assert office.everything() == before

    def test_keeps_duty_phones_and_refreshes_the_ladder(self, office: Office) -> None:
        with office.record.writing() as connection:
            desks.set_duty_phone(connection, "BT-WCPD-13", "+97510600013", "dz")
        office.imported(
            table(office.folder, "desks", HAA.replace("BT-WCPU-PARO", "BT-WCPU-THIMPHU"))
        )
        with office.record.reading() as connection:
            row = desks.get(connection, "BT-WCPD-13")
        assert row is not None
        assert (row.parent, row.duty_phone) == ("BT-WCPU-THIMPHU", "+97510600013")

    def test_a_retired_desk_stays_but_is_offered_no_more(self, office: Office) -> None:
        office.imported(table(office.folder, "desks", HAA.replace("yes,yes", "yes,no")))
        after = known.directory_of(office.record)
        assert not after.desks["BT-WCPD-13"].verified
        assert after.desk_for("BT-13").code == "BT-WCPU-THIMPHU"
        with office.record.reading() as connection:
            assert desks.get(connection, "BT-WCPD-13") is not None

    def test_that_stands_on_an_older_directory_is_refused(self, office: Office) -> None:
        plan = office.admin.plan([table(office.folder, "desks", HAA)], NOW)
        office.imported(*quetta.written(office.folder))
        before = office.everything()
        with pytest.raises(Refused, match=r"^Somebody imported in between"):
            office.admin.commit(plan, "karma", NOW)
        assert office.everything() == before

    def test_without_a_record_can_be_planned_but_not_done(self, office: Office) -> None:
        alone = replace(office.admin, record=None)
        plan = alone.plan(quetta.written(office.folder), NOW)
        assert len(plan.changes) == 20
        with pytest.raises(ConfigError, match="helpline init"):
            alone.commit(plan, "sonam", NOW)

    def test_holidays_are_told_apart_by_programme_and_date(self, office: Office) -> None:
        lines = ("bt,2028-02-18,Losar,yes,Letter", "pk,2028-02-18,A day,no,Letter")
        office.imported(table(office.folder, "holidays", *lines))
        after = known.directory_of(office.record)
        day = datetime(2028, 2, 18, tzinfo=UTC).date()
        assert day in after.holidays["bt"] & after.holidays["pk"]


class TestExport:
    @pytest.mark.parametrize("name", directory.NAMES)
    def test_of_a_table_imported_again_changes_nothing(self, shared: Office, name: str) -> None:
        path = shared.raw(shared.admin.tables().export(name).encode(), f"{name}.csv")
        assert shared.admin.plan([path], NOW).changes == ()

    def test_of_own_rows_gives_the_same_bytes(self, office: Office) -> None:
        paths = quetta.written(office.folder)
        office.imported(*paths)
        own = office.admin.own()
        for path in paths:
            assert own.export(path.stem).encode() == path.read_bytes()
        assert own.export("holidays") == HEADERS["holidays"] + "\n"

    def test_leaves_a_cell_that_a_spreadsheet_would_compute(self, office: Office) -> None:
        office.imported(table(office.folder, "desks", HAA.replace("Letter", "=1+1")))
        assert ",=1+1," in office.admin.own().export("desks")


class TestHowAFileIsWritten:
    def test_bom_crlf_blank_lines_and_columns_in_any_order(self, shared: Office) -> None:
        columns, cells = HEADERS["desks"].split(","), row(DESK).split(",")
        lines = (",".join(columns[::-1]), "", ",".join(cells[::-1]), "")
        path = shared.raw(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
        (change,) = shared.admin.plan([path], NOW).changes
        assert dict(change.after.cells) == DESK
        assert change.after.where == "desks.csv: line 3"

    @pytest.mark.parametrize(
        ("content", "fault"),
        [
            (b"", "desks.csv: line 1: is empty; a table begins with its columns."),
            (b"\xef\xbb\xbf", "desks.csv: line 1: is empty"),
            (b"code,phone\nBT-1,12\n", "desks.csv: line 1: these are not the columns of a table."),
            (b"\x89PNG\r\n\x1a\n\x00\x00", "desks.csv: line 1: not UTF-8"),
            (b"\x00" * 100, "desks.csv: line 1: these are not the columns"),
            (HEADERS["desks"].encode("utf-16"), "desks.csv: line 1: not UTF-8"),
            (f"{HEADERS['desks']}\n\nKratié\n".encode("latin-1"), "desks.csv: line 3: not UTF-8"),
            (f'{HEADERS["desks"]}\nBT-1,"never ends\n'.encode(), "desks.csv: line 2: not CSV: "),
            (b"x" * (LONGEST_FILE + 1), f"desks.csv: longer than {LONGEST_FILE} bytes;"),
            (b"\n" * 5_000_000, f"desks.csv: longer than {LONGEST_FILE} bytes;"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_is_refused(self, shared: Office, content: bytes, fault: str) -> None:
        (told,) = shared.wrong(shared.raw(content))
        assert told.startswith(fault)

    def test_a_file_that_is_not_there(self, shared: Office) -> None:
        (told,) = shared.wrong(shared.folder / "nowhere.csv")
        assert told.endswith("nowhere.csv: cannot be read: No such file or directory.")


DESK_FAULTS = [
    ({"code": "B" * 41}, "a code has letters, digits, dots and dashes, at most 40."),
    ({"code": "BT NEW"}, "a code has letters, digits, dots and dashes, at most 40."),
    ({"programme": "np"}, "the programme is one of: bt, kh, pk."),
    ({"kind": "clinic"}, "the kind 'clinic' has no words for callers; known: AHTJP, CPU, "),
    ({"name_en": ""}, "the name has 1 to 120 letters."),
    ({"place": ""}, "place ? is unknown."),
    ({"place": "BT"}, "is at BT, which is no district: name the district or a place in it."),
    ({"place": "BT-99"}, "place BT-99 is unknown."),
    ({"place": "PK-BA-QUETTA"}, "place PK-BA-QUETTA lies in another country."),
    ({"parent": "BT-NONE"}, "parent BT-NONE is unknown."),
    ({"parent": "BT-NEW"}, "its ladder never ends."),
    ({"parent": "PK-WPS-QUETTA"}, "parent PK-WPS-QUETTA is of another programme."),
    ({"serves": "BT-98|BT-99"}, "place BT-98 is unknown."),
    ({"serves": "BT"}, "answers for BT (the national unit), as BT-WCPU-THIMPHU does already."),
    ({"serves": "BT-13"}, "answers for BT-13, as BT-WCPD-13 does already."),
    ({"phone": "12345"}, "has a phone, so it needs the date when that was last checked."),
    ({"phone": "call us"}, "a phone has 3 to 15 digits, + first if it names its country."),
    ({"hours": "9 to 5"}, "hours: '9' is not a day or a run of days"),
    ({"hours": "Mon 25:00-26:00"}, "hours: '25:00-26:00' is not a time from and to"),
    ({"public": "perhaps"}, "public is yes or no."),
    ({"verified": "YES"}, "verified is yes or no."),
    ({"source": ""}, "names no source."),
    ({"source_date": "2026-11-23"}, "source_date 2026-11-23 is in the future."),
    ({"source_date": "yesterday"}, "source_date is YYYY-MM-DD, or YYYY-MM or YYYY"),
    ({"source_date": "2026-02-30"}, "source_date is YYYY-MM-DD"),
]
PLACE_FAULTS = [
    ({"code": "B" * 41}, "a code has letters, digits, dots and dashes, at most 40."),
    ({"level": "village"}, "the level is one of: country, province, district, "),
    ({"level": "country", "parent": ""}, "no programme serves this country; the countries are"),
    ({"level": "province"}, "a province cannot lie in a district."),
    ({"parent": "BT-99"}, "its parent 'BT-99' is unknown."),
    ({"parent": "BT-13-X"}, "lies in itself."),
    ({"name_en": "ཧཱ"}, "the English name has 1 to 45 letters that every phone can show (GSM-7)."),
    ({"name_local": "ہا"}, "the local name is not in the country's own script."),
    ({"seat": "BT-11"}, "its main town BT-11 does not lie in it."),
    ({"lat": "30.2", "lon": "66.9"}, "the point 30.2, 66.9 is outside BT."),
    ({"lat": "nan"}, "the point nan, 89.2 is outside BT."),
    ({"lat": "27.3 N"}, "latitude and longitude are two numbers of degrees, or both empty."),
    ({"lon": ""}, "latitude and longitude are two numbers of degrees, or both empty."),
    ({"source": ""}, "names no source."),
]
HOLIDAY_FAULTS = [
    ("np,2028-01-01,Day,no,x", "the programme is one of: bt, kh, pk."),
    ("bt,1.1.2028,Day,no,x", "the date is YYYY-MM-DD."),
    ("bt,2028-01-01,,no,x", "needs a name and a source."),
    ("bt,2028-01-01,Day,maybe,x", "estimated is yes or no."),
]
CONTROL = "a cell holds a line break or another control character."
LINES = [
    ("BT-1,bt,WCPD", "3 cells where there are 13 columns."),
    (f"{row(DESK)},more", "14 cells where there are 13 columns."),
    (row(DESK, code=" "), "has no code."),
    (row(DESK, source="x" * 1001), "a cell is longer than 1000 characters."),
    *(
        (row(DESK, name_en=f"a{letter}b"), CONTROL)
        for letter in "\x00\x07\x1b\x7f\x85\u2028\u202e"
    ),
]  # fmt: skip


class TestEachFault:
    """With its file and line, and nothing imported."""

    @pytest.mark.parametrize(("cells", "fault"), DESK_FAULTS)
    def test_of_a_desk(self, shared: Office, cells: dict[str, str], fault: str) -> None:
        told = shared.wrong(table(shared.folder, "desks", HAA, row(DESK, **cells)))
        key = cells.get("code", "BT-NEW")
        assert [one for one in told if one.startswith(f"desks.csv: line 3: {key}: {fault}")]
        assert all(one.startswith("desks.csv: line 3: ") for one in told)

    @pytest.mark.parametrize(("cells", "fault"), PLACE_FAULTS)
    def test_of_a_place(self, shared: Office, cells: dict[str, str], fault: str) -> None:
        told = shared.wrong(table(shared.folder, "places", row(PLACE, **cells)))
        key = cells.get("code", "BT-13-X")
        assert [one for one in told if one.startswith(f"places.csv: line 2: {key}: {fault}")]

    @pytest.mark.parametrize(("line", "fault"), HOLIDAY_FAULTS)
    def test_of_a_holiday(self, shared: Office, line: str, fault: str) -> None:
        (told,) = shared.wrong(table(shared.folder, "holidays", line))
        assert told.startswith("holidays.csv: line 2: ")
        assert told.endswith(fault)

    @pytest.mark.parametrize(("line", "fault"), LINES)
    def test_of_a_line(self, shared: Office, line: str, fault: str) -> None:
        assert shared.wrong(table(shared.folder, "desks", HAA, line)) == [
            f"desks.csv: line 3: {fault}"
        ]

    def test_a_desk_that_is_there_twice(self, shared: Office) -> None:
        told = shared.wrong(table(shared.folder, "desks", row(DESK), HAA, row(DESK)))
        assert told == ["desks.csv: line 4: BT-NEW: stands in desks.csv: line 2 already."]

    def test_a_desk_in_two_files(self, shared: Office) -> None:
        one, other = (table(shared.folder, "desks", HAA, file=name) for name in ("one", "two"))
        assert shared.wrong(one, other) == [
            "two.csv: line 2: BT-WCPD-13: stands in one.csv: line 2 already."
        ]

    def test_a_desk_of_another_programme_than_before(self, shared: Office) -> None:
        stolen = row(DESK, code="KH-CPU", serves="")
        told = shared.wrong(table(shared.folder, "desks", stolen))
        assert "desks.csv: line 2: KH-CPU: stays a desk of kh: cases refer to it." in told


class TestAllFaultsAtOnce:
    def test_of_every_file_by_line(self, shared: Office) -> None:
        places = table(shared.folder, "places", row(PLACE, lat="1", lon="1"), "broken")
        desks_file = table(
            shared.folder,
            "desks",
            row(DESK, kind="clinic", source=""),
            "broken",
            row(DESK, code="BT-OTHER", public="x"),
        )
        told = shared.wrong(desks_file, places)
        assert [one.split(": ")[:2] for one in told] == [
            ["desks.csv", "line 2"],
            ["desks.csv", "line 2"],
            ["desks.csv", "line 3"],
            ["desks.csv", "line 4"],
            ["places.csv", "line 2"],
            ["places.csv", "line 3"],
        ]

    def test_of_several_files_that_are_no_tables(self, shared: Office) -> None:
        paths = [shared.raw(b"", "one.csv"), shared.raw(b"\xff", "two.csv")]
        assert [one.split(":")[0] for one in shared.wrong(*paths)] == ["one.csv", "two.csv"]


class TestPlacesWithoutADesk:
    NATIONAL = "KH-CPU,kh,CPU,Child Protection Unit,KH-12,,{serves},,,yes,{verified},x,"

    def test_the_only_national_unit_cannot_be_retired(self, shared: Office) -> None:
        line = self.NATIONAL.format(serves="KH", verified="no")
        told = shared.wrong(table(shared.folder, "desks", line))
        assert "KH: no verified desk answers for Cambodia" in told[0]
        assert "packaged desks.csv: line 50: KH-AHTJP-1: parent KH-CPU is not verified." in told

    def test_nor_stop_answering_for_the_country(self, shared: Office) -> None:
        line = self.NATIONAL.format(serves="KH-12-01", verified="yes")
        told = shared.wrong(table(shared.folder, "desks", line.replace("KH-12-01", "")))
        assert len(told) == 1
        assert told[0].startswith("KH: no verified desk answers for Cambodia: places in it")

    def test_another_may_take_its_place(self, shared: Office) -> None:
        old = self.NATIONAL.format(serves="", verified="yes")
        new = "KH-NEW,kh,CPU,New Unit,KH-12,,KH,,,yes,yes,x,"
        plan = shared.admin.plan([table(shared.folder, "desks", old, new)], NOW)
        shared.admin.prove(plan, NOW)
        built = directory.build(plan.tables, today=NOW.date())
        assert built.desk_for("KH-17").code == "KH-NEW"


class TestScreensStillFit:
    def test_a_district_that_callers_are_offered_stays_one(self, shared: Office) -> None:
        line = "PK-BA-SHERANI,locality,,PK-BA-ZHOB,Sherani,,,,,,x"
        assert shared.wrong(table(shared.folder, "places", line)) == [
            "PK-BA-SHERANI is offered to callers: it must not lie within a district, nor abroad."
        ]

    def test_a_text_about_a_desk_fits_one_segment(self, shared: Office) -> None:
        hours = "; ".join(f"{day} 08:15-12:45,13:15-17:45" for day in ("Mon", "Wed", "Fri"))
        line = row(DESK, hours=hours)
        told = shared.wrong(table(shared.folder, "desks", line))
        assert told
        assert all("BT-NEW" in one for one in told)

    def test_what_a_channel_of_its_own_budget_cannot_show(self, shared: Office) -> None:
        def narrow(built: Directory) -> Iterator[tuple[str, Player]]:
            content = replace(CONTENT, directory=built)
            kind, budget = next(iter(runtime.BUDGETS.items()))
            yield "narrow", content.player("pk", kind, replace(budget, gsm7=60, ucs2=16))

        office = replace(shared, admin=replace(shared.admin, players=narrow))
        told = office.wrong(*quetta.written(shared.folder))
        assert all(one.startswith("pk narrow: ") for one in told)


def test_own_rows_that_do_not_agree_any_more_leave_the_packaged_directory(office: Office) -> None:
    """As after an upgrade of the program that brings another desk for the same district."""
    cells = {**DESK, "serves": "BT-12"}
    with office.record.writing() as connection:
        directory_rows.put(connection, "desks", {"BT-NEW": cells}, at=NOW, actor="x", added=1)
    with pytest.raises(ContentError, match=r"^import 1: BT-NEW: answers for BT-12, as BT-WCPD-12"):
        known.directory_of(office.record)
    assert known.in_use(office.record, CONTENT.directory) is CONTENT.directory


def test_a_year_later_the_same_rows_are_still_good(office: Office) -> None:
    """What was checked in the past never becomes a fault by time alone."""
    paths = quetta.written(office.folder)
    office.imported(*paths)
    assert office.admin.plan(paths, NOW + timedelta(days=400)).changes == ()
