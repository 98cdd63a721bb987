"""The doctor names each fault of a deployment and how to mend it, and tells no secret."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import update

from helpline import catalogue, runtime
from helpline.catalogue import NOT_REVIEWED
from helpline.cli import main
from helpline.config import Config
from helpline.core.errors import ContentError
from helpline.core.hours import parse_hours
from helpline.directory import packaged
from helpline.directory.tables import Row
from helpline.runtime import Content
from helpline.service import doctor
from helpline.service.doctor import Deployment, Finding, Level, examine
from helpline.store import desks, directory_rows, optouts, outbox
from helpline.store import officers as officer_rows
from helpline.store.outbox import Posting
from helpline.store.schema import audit, officers
from helpline.store.schema import desks as desk_rows
from helpline.store.schema import outbox as outbox_rows
from tests.world import DAY, DUTY, HAA, PARO, START, World, report, world

SECRETS = ("path-secret", "atsk_secret", *DUTY.values())


@cache
def content() -> Content:
    return runtime.content()


@pytest.fixture
def site(tmp_path: Path, redis_url: str) -> Iterator[World]:
    """A new deployment for Bhutan with a real SQLite record and a real Redis."""
    with world(tmp_path, f"sqlite:///{tmp_path / 'record.sqlite3'}", redis_url=redis_url) as built:
        yield built


def deployment(site: World) -> Deployment:
    config = site.runtime.config
    return Deployment(
        config=config,
        channels=site.runtime.channels,
        directory=content().directory,
        holidays=packaged().rows["holidays"],
        programmes=content().programmes,
        redis_url=config.redis_url,
    )


def looked_at(what: Deployment, *, later: timedelta = timedelta()) -> list[Finding]:
    found = examine(what, START + later)
    told = "\n".join(map(str, found))
    assert not [secret for secret in SECRETS if secret in told]
    return found


def errors(found: list[Finding]) -> list[str]:
    return [finding.what for finding in found if finding.level is Level.ERROR]


def warnings(found: list[Finding]) -> list[str]:
    """Without those that are there until somebody reviews the catalogues and asks the desks."""
    levels = [finding for finding in found if finding.level is Level.WARNING]
    always = ("native speaker", "not checked for a year")
    return [f.what for f in levels if not any(words in f.what for words in always)]


def staffed(site: World) -> None:
    """Every desk of Bhutan gets an officer and a duty phone."""
    ours = [d.code for d in content().directory.desks.values() if d.programme == "bt"]
    with site.record.writing() as connection:
        officer_rows.put(connection, "Night", woman=True, desks=ours)
        connection.execute(update(desk_rows).values(duty_phone=DUTY["BT-WCPD-13"]))


def changed(site: World, **settings: object) -> Deployment:
    now = deployment(site)
    return replace(now, config=replace(now.config, **settings))  # type: ignore[arg-type]


def test_a_sound_deployment_has_only_what_people_must_read_and_ask(site: World) -> None:
    staffed(site)
    found = looked_at(deployment(site))
    assert {finding.level for finding in found} == {Level.WARNING}
    assert [finding.what for finding in found] == [
        "bt: 23 of 23 desks (BT-WCPD-33, BT-WCPD-12, BT-WCPD-22 and 20 more) "
        "not checked for a year.",
        "No native speaker has reviewed the words in: dz, dz_Latn, ur, ur_Latn, km.",
    ]


def test_every_finding_says_how_to_mend_it(site: World) -> None:
    site.runtime.config.keys_file.unlink()
    found = looked_at(replace(deployment(site), channels={}))
    assert len(found) > 3
    assert all(f.what.endswith((".", "!")) and f.mend for f in found)


def test_errors_come_before_warnings(site: World) -> None:
    site.runtime.config.keys_file.unlink()
    levels = [finding.level for finding in looked_at(deployment(site))]
    assert levels == sorted(levels, key=lambda level: level is Level.WARNING)
    assert {Level.ERROR, Level.WARNING} == set(levels)


class TestKeys:
    def test_missing(self, site: World) -> None:
        site.runtime.config.keys_file.unlink()
        (what,) = errors(looked_at(deployment(site)))
        assert what == f"There is no key ring {site.runtime.config.keys_file}."

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o601])
    def test_open_to_others(self, site: World, mode: int) -> None:
        site.runtime.config.keys_file.chmod(mode)
        (what,) = errors(looked_at(deployment(site)))
        assert what.startswith("Other users of this machine can open the key ring")

    def test_broken_and_open(self, site: World) -> None:
        path = site.runtime.config.keys_file
        path.write_text("{}")
        path.chmod(0o644)
        found = errors(looked_at(deployment(site)))
        assert "The key ring has no data keys." in found
        assert found[-1].startswith("Other users")

    def test_not_text(self, site: World) -> None:
        site.runtime.config.keys_file.write_bytes(b"\xff\xfe\x00")
        (what,) = errors(looked_at(deployment(site)))
        assert "cannot be read (UnicodeDecodeError)" in what

    def test_a_folder(self, site: World) -> None:
        path = site.runtime.config.keys_file
        path.unlink()
        path.mkdir(mode=0o700)
        (what,) = errors(looked_at(deployment(site)))
        assert "cannot be read (IsADirectoryError)" in what


class TestAddress:
    def test_plain_http_on_a_public_host(self, site: World) -> None:
        (what,) = errors(looked_at(changed(site, public_base_url="http://help.example.org")))
        assert what.startswith("PUBLIC_BASE_URL is http")

    @pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
    def test_plain_http_at_home_is_well(self, site: World, host: str) -> None:
        assert errors(looked_at(changed(site, public_base_url=f"http://{host}"))) == []

    def test_a_simulator_in_public(self, site: World) -> None:
        address = "https://help.example.org"
        assert errors(looked_at(changed(site, public_base_url=address))) == []
        (what,) = errors(looked_at(changed(site, public_base_url=address, simulator=True)))
        assert what.startswith("The simulator is on, on a public address")
        assert errors(looked_at(changed(site, simulator=True))) == []


class TestRedis:
    def test_a_server_that_does_not_answer(self, site: World, tmp_path: Path) -> None:
        gone = replace(deployment(site), redis_url=f"unix://{tmp_path}/nobody.sock")
        (what,) = errors(looked_at(gone))
        assert what.startswith("Redis does not answer (")

    def test_a_password_is_not_told(self, site: World) -> None:
        gone = replace(deployment(site), redis_url="redis://me:hunter2@127.0.0.1:9/0")
        found = looked_at(gone)
        assert errors(found)
        assert "hunter2" not in "".join(map(str, found))

    def test_the_embedded_one_is_only_there_while_serving(self, tmp_path: Path) -> None:
        (finding,) = doctor.redis_findings(f"unix://{tmp_path}/redis.sock", embedded=True)
        assert finding.level is Level.WARNING
        assert "REDIS_URL" in finding.mend


class TestChannels:
    def test_none(self, site: World) -> None:
        found = looked_at(replace(deployment(site), channels={}))
        assert errors(found) == ["No channel is configured: nobody can reach this deployment."]
        assert {what[:4] for what in warnings(found)} == {"bt: ", "pk: ", "kh: "}

    def test_no_channel_can_send(self, site: World) -> None:
        staffed(site)
        now = deployment(site)
        screens = {"bt-ussd": now.channels["bt-ussd"]}
        (what,) = warnings(looked_at(replace(now, channels=screens)))
        assert what == "bt: no channel can send an SMS, so no duty phone is told."

    def test_only_programmes_with_a_channel_are_looked_at(self, site: World) -> None:
        assert deployment(site).served == ("bt",)
        assert all(what.startswith("bt: ") for what in warnings(looked_at(deployment(site))))


class TestDesks:
    def test_without_officers_and_phones(self, site: World) -> None:
        """One line for each, however many desks."""
        with site.record.writing() as connection:
            connection.execute(update(officers).values(active=False))
            connection.execute(update(desk_rows).values(duty_phone=""))
            officer_rows.put(connection, "Night", woman=True, desks=["BT-WCPD-13"])
            desks.set_duty_phone(connection, "BT-WCPD-33", DUTY["BT-WCPD-13"], "en")
        assert warnings(looked_at(deployment(site))) == [
            "bt: 22 of 23 desks (BT-WCPD-33 and 21 more) without an active officer.",
            "bt: 22 of 23 desks (BT-WCPD-12 and 21 more) without a duty phone.",
        ]

    def test_a_duty_phone_that_said_stop(self, site: World) -> None:
        staffed(site)
        with site.record.writing() as connection:
            desks.set_duty_phone(connection, HAA, DUTY[PARO], "en")
            numbers = site.runtime.sealer.blind_indexes(DUTY[PARO])
            optouts.stop(connection, "bt-sms", numbers, START)
        assert warnings(looked_at(deployment(site))) == [
            "bt: 1 of 23 desks (BT-WCPD-13) whose duty phone said STOP."
        ]

    def test_an_officer_who_left_does_not_count(self, site: World) -> None:
        staffed(site)
        with site.record.writing() as connection:
            connection.execute(update(officers).values(active=False))
        assert warnings(looked_at(deployment(site))) == [
            "bt: 23 of 23 desks (BT-WCPD-33 and 22 more) without an active officer."
        ]

    def test_the_only_one_is_named_alone(self, site: World) -> None:
        staffed(site)
        with site.record.writing() as connection:
            where = desk_rows.c.code == "BT-WCPD-13"
            connection.execute(update(desk_rows).where(where).values(duty_phone=""))
        assert warnings(looked_at(deployment(site))) == [
            "bt: 1 of 23 desks (BT-WCPD-13) without a duty phone."
        ]

    def test_new_in_the_directory(self, site: World) -> None:
        staffed(site)
        known = content().directory
        new = replace(known.desks["BT-WCPD-13"], code="BT-NEW", serves=())
        directory = replace(known, desks={**known.desks, "BT-NEW": new})
        found = looked_at(replace(deployment(site), directory=directory))
        assert errors(found) == ["bt: 1 of 24 desks (BT-NEW) missing from the database."]

    def test_unverified_desks_take_no_callbacks(self, site: World) -> None:
        directory = content().directory
        unverified = {d.code for d in directory.desks.values() if not d.verified}
        assert not unverified & {*deployment(site).desks("bt"), *deployment(site).desks("pk")}


class TestDirectory:
    """What grows old: `site` has only Bhutan's channels."""

    def with_desk(self, site: World, **changes: object) -> Deployment:
        """Every desk was asked yesterday, but for these changes of one."""
        known = content().directory
        fresh = {
            code: replace(desk, source_date=str((START - DAY).date()))
            for code, desk in known.desks.items()
        }
        fresh["BT-WCPD-13"] = replace(fresh["BT-WCPD-13"], **changes)  # type: ignore[arg-type]
        return replace(deployment(site), directory=replace(known, desks=fresh))

    def told(self, what: Deployment) -> list[str]:
        return [f.what for f in looked_at(what) if "duty phone" not in f.what]

    @pytest.mark.parametrize("checked", ["", "2029", "2030-02", "2030-03-03"])
    def test_a_desk_that_nobody_asked_for_a_year(self, site: World, checked: str) -> None:
        wanted = "bt: 1 of 23 desks (BT-WCPD-13) not checked for a year."
        assert wanted in self.told(self.with_desk(site, source_date=checked))

    @pytest.mark.parametrize("checked", ["2031", "2030-04", "2030-03-05"])
    def test_a_desk_that_was_asked_since(self, site: World, checked: str) -> None:
        told = self.told(self.with_desk(site, source_date=checked))
        assert not [what for what in told if "not checked" in what]

    def test_a_desk_that_is_not_shown_need_not_be_asked(self, site: World) -> None:
        told = self.told(self.with_desk(site, source_date="", verified=False))
        assert not [what for what in told if "not checked" in what]

    @pytest.mark.parametrize(("days", "said"), [(60, True), (61, False)])
    def test_holidays_that_run_out_where_a_desk_has_weekly_hours(
        self, site: World, days: int, said: bool
    ) -> None:
        last = (START + days * DAY).date()
        weekly = self.with_desk(site, hours=parse_hours("Mon-Fri 09:00-17:00"))
        known = replace(weekly.directory, holidays={"bt": frozenset({last})})
        wanted = f"bt: no holiday is known after {last}; desks would be told to be open."
        assert (wanted in self.told(replace(weekly, directory=known))) is said

    def test_a_desk_that_is_always_open_needs_no_holidays(self, site: World) -> None:
        always = self.with_desk(site)
        known = replace(always.directory, holidays={})
        told = self.told(replace(always, directory=known))
        assert not [what for what in told if "holiday" in what]

    @pytest.mark.parametrize(
        ("day", "estimated", "said"),
        [
            ("2031-03-04", "yes", True),
            ("2031-04-03", "yes", True),
            ("2031-04-04", "yes", False),
            ("2031-03-03", "yes", False),
            ("2031-03-10", "no", False),
        ],
    )
    def test_a_feast_that_is_still_an_estimate(
        self, site: World, day: str, estimated: str, said: bool
    ) -> None:
        cells = {"programme": "bt", "date": day, "name_en": "Losar", "estimated": estimated}
        what = replace(deployment(site), holidays={"x": Row("", cells)})
        assert (f"bt: Losar on {day} is an estimate." in self.told(what)) is said

    def test_other_programmes_are_not_spoken_of(self, site: World) -> None:
        cells = {"programme": "pk", "date": "2031-03-10", "name_en": "Eid", "estimated": "yes"}
        told = self.told(replace(deployment(site), holidays={"x": Row("", cells)}))
        assert not [what for what in told if what.startswith(("pk", "kh"))]


class TestRecord:
    def test_there_is_none_and_none_is_made(self, site: World, tmp_path: Path) -> None:
        path = tmp_path / "elsewhere.sqlite3"
        (what,) = errors(looked_at(changed(site, database_url=f"sqlite:///{path}")))
        assert what == "There is no database."
        assert not path.exists()

    def test_an_old_revision(self, site: World, tmp_path: Path) -> None:
        path = tmp_path / "old.sqlite3"
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            database.execute("INSERT INTO alembic_version VALUES ('0000')")
        database.close()
        (finding,) = [
            f
            for f in looked_at(changed(site, database_url=f"sqlite:///{path}"))
            if f.level is Level.ERROR
        ]
        assert finding.what.startswith("The database is at revision 0000, this program needs 0")
        assert finding.mend == "Make a backup, then run `helpline init`."

    def test_an_empty_one(self, site: World, tmp_path: Path) -> None:
        path = tmp_path / "empty.sqlite3"
        path.touch()
        (what,) = errors(looked_at(changed(site, database_url=f"sqlite:///{path}")))
        assert what.startswith("The database is at revision none")

    def test_a_file_that_is_no_database(self, site: World, tmp_path: Path) -> None:
        path = tmp_path / "text.sqlite3"
        path.write_text("he beats me at night" * 100)
        (what,) = errors(looked_at(changed(site, database_url=f"sqlite:///{path}")))
        assert what == "The database cannot be used (DatabaseError)."

    def test_a_server_that_does_not_answer(self, site: World) -> None:
        url = "postgresql+psycopg://me:hunter2@127.0.0.1:9/helpline"
        found = looked_at(changed(site, database_url=url))
        (what,) = errors(found)
        assert what.startswith("The database cannot be used (OperationalError")
        assert "hunter2" not in "".join(map(str, found))

    def test_an_altered_audit_log(self, site: World) -> None:
        site.file(report())
        assert errors(looked_at(deployment(site))) == []
        with site.record.writing() as connection:
            connection.execute(update(audit).where(audit.c.seq == 1).values(actor="nobody"))
        (what,) = errors(looked_at(deployment(site)))
        assert what == "The audit log is not whole: row 1 was altered."

    def test_texts_that_were_not_sent(self, site: World) -> None:
        staffed(site)
        for number, state in enumerate((outbox.FAILED, outbox.FAILED, outbox.UNKNOWN)):
            post(site, f"letter {number}", state)
        post(site, "old letter", outbox.FAILED, age=DAY + timedelta(minutes=1))
        post(site, "good letter", outbox.SENT)
        assert warnings(looked_at(deployment(site))) == [
            "In the last day 2 texts could not be sent.",
            "In the last day 1 texts may or may not have been sent.",
        ]

    def test_overdue_callbacks(self, site: World) -> None:
        staffed(site)
        site.file(report())
        assert warnings(looked_at(deployment(site))) == []
        assert warnings(looked_at(deployment(site), later=3 * DAY)) == ["1 callbacks are overdue."]

    def test_looking_changes_nothing(self, site: World) -> None:
        site.file(report())
        before = site.everything()
        looked_at(deployment(site), later=3 * DAY)
        assert site.everything() == before


def post(site: World, once: str, state: str, *, age: timedelta = timedelta()) -> None:
    at = START - age
    posting = Posting("nudge", once, True, "bt-sms", at, at + DAY, at)
    with site.record.writing() as connection:
        assert outbox.put(connection, posting)
        connection.execute(
            update(outbox_rows).where(outbox_rows.c.once == once).values(state=state)
        )


def test_a_reviewed_catalogue_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    states = {"dz": f"drafted; {NOT_REVIEWED}", "ur": ""}
    monkeypatch.setattr(catalogue, "review_state", lambda code: states.get(code, "by two readers"))
    (finding,) = doctor.catalogue_findings()
    assert finding.what == "No native speaker has reviewed the words in: dz, ur."
    monkeypatch.setattr(catalogue, "review_state", lambda _: "by two readers")
    assert list(doctor.catalogue_findings()) == []


class TestCommand:
    @pytest.fixture(autouse=True)
    def environment(self, site: World, monkeypatch: pytest.MonkeyPatch) -> None:
        config: Config = site.runtime.config
        monkeypatch.setenv("HELPLINE_DATA", str(config.data))
        monkeypatch.setenv("DATABASE_URL", config.database_url)
        monkeypatch.setenv("REDIS_URL", config.redis_url)

    def test_warnings_alone_are_exit_code_0(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["doctor"]) == 0
        told = capsys.readouterr().out.splitlines()
        assert told[-1] == f"0 errors, {len(told) - 1} warnings."
        assert len(told) > 3
        assert all(line.startswith("warning: ") for line in told[:-1])

    def test_imported_rows_that_do_not_agree_are_an_error(
        self, site: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        cells = {"code": "BT-NEW", "programme": "bt", "verified": "yes", "serves": "BT-12"}
        with site.record.writing() as connection:
            rows = {"BT-NEW": cells}
            directory_rows.put(connection, "desks", rows, at=START, actor="x", added=1)
        assert main(["doctor"]) == 1
        told = capsys.readouterr().out
        assert (
            "error: The imported directory cannot be used: import 1: BT-NEW: answers for BT-12, "
            "as BT-WCPD-12 does already. Until then the packaged directory answers."
        ) in told

    def test_errors_are_exit_code_1(self, site: World, capsys: pytest.CaptureFixture[str]) -> None:
        site.runtime.config.keys_file.unlink()
        assert main(["doctor", "--json"]) == 1
        found = json.loads(capsys.readouterr().out)["findings"]
        assert found[0] == {
            "level": "error",
            "what": f"There is no key ring {site.runtime.config.keys_file}.",
            "mend": "Restore it from backup; for a new deployment run `helpline init`.",
        }

    def test_wrong_settings_are_findings_and_not_a_traceback(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("DATABASE_URL", "mysql://me:hunter2@host/db")
        monkeypatch.setenv("HELPLINE_SIMULATOR", "perhaps")
        assert main(["doctor"]) == 1
        told = capsys.readouterr().out
        assert told.count("error: ") == 2
        assert "DATABASE_URL must begin with" in told
        assert "HELPLINE_SIMULATOR must be on or off." in told
        assert "hunter2" not in told

    def test_a_wrong_channels_file_and_all_the_rest(
        self, site: World, capsys: pytest.CaptureFixture[str]
    ) -> None:
        site.runtime.config.channels_file.write_text('[[channel]]\nname = "bt"\n')
        assert main(["doctor"]) == 1
        told = capsys.readouterr().out
        assert "error: channel 1 (bt): gateway must be one of" in told
        assert "No native speaker" in told

    def test_a_missing_channels_file(self, site: World, capsys: pytest.CaptureFixture[str]) -> None:
        site.runtime.config.channels_file.unlink()
        assert main(["doctor"]) == 1
        assert capsys.readouterr().out.count("error: ") == 1

    def test_wrong_content(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def broken() -> None:
            raise ContentError("directory: place XX is there twice")

        monkeypatch.setattr(runtime, "content", broken)
        assert main(["doctor"]) == 1
        assert "error: directory: place XX is there twice." in capsys.readouterr().out
