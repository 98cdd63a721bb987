"""A process that runs while an operator imports: it follows, whole, and never with a half."""

from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio
import pytest
from sqlalchemy import text

from helpline import runtime
from helpline.cli import check
from helpline.core.errors import RecordUnavailable
from helpline.core.message import MO
from helpline.service.dialogue import Step
from helpline.service.directory_admin import DirectoryAdmin
from helpline.service.live import LivePlayers, follow
from helpline.service.receive import Receiver
from helpline.store import directory_rows
from tests import quetta
from tests.private import PRIVATE_NUMBERS
from tests.world import START, World, world

pytestmark = pytest.mark.anyio

# English, find a desk, Bhutan's South
FIND = ("3", "2", "3")
ARE_HERE = [f"Area {name}" for name in ("Six", "Seven", "Eight", "Nine", "Ten")]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def here(tmp_path: Path, redis_url: str) -> Iterator[World]:
    with world(tmp_path, f"sqlite:///{tmp_path / 'helpline.db'}", redis_url=redis_url) as built:
        yield built


def operator(here: World) -> DirectoryAdmin:
    content = here.runtime.content
    kinds = {code: programme.desk_kinds for code, programme in content.programmes.items()}
    return DirectoryAdmin(
        here.record, kinds, lambda d: check.players(replace(content, directory=d), {})
    )


def imported(here: World, *paths: Path) -> None:
    """By another process, as the operator's terminal is."""
    admin = operator(here)
    plan = admin.plan(paths, START)
    admin.prove(plan, START)
    admin.commit(plan, "sonam", START)


def broken_row(here: World) -> int:
    """What no import lets through: a second desk for a district."""
    desk = here.runtime.content.directory.desks["BT-WCPD-12"]
    cells = {"code": "BT-NEW", "programme": "bt", "kind": desk.kind, "serves": "BT-12"}
    with here.record.writing() as connection:
        return directory_rows.put(
            connection, "desks", {"BT-NEW": cells}, at=START, actor="x", added=1
        )


class Phone:
    """In Haa, in one session, on the players that the process has now."""

    def __init__(self, here: World, receiver: Receiver) -> None:
        self.here, self.receiver, self.typed = here, receiver, list[str]()

    async def type(self, *inputs: str) -> Step:
        self.typed += inputs
        channel = self.here.runtime.channels["bt-ussd"]
        mo = MO(PRIVATE_NUMBERS[0], "*".join(self.typed), "ATUid_1", cumulative=True)
        return await self.receiver.turn(channel, mo, self.here.clock())


@pytest.fixture
async def served(here: World) -> AsyncIterator[tuple[Phone, LivePlayers]]:
    sessions, players = here.runtime.session_store(), here.runtime.players()
    yield Phone(here, here.runtime.receiver(sessions, players)), players
    await sessions.close()


# Two areas of Haa with a desk of their own, so that the area is asked for.
PLACES = (
    "BT-13-X,locality,,BT-13,Lower Market,,,,27.38,89.28,x",
    "BT-13-Y,locality,,BT-13,Upper Market,,,,27.39,89.29,x",
)
DESKS = (
    "BT-X,bt,WCPD,Desk of the lower market,BT-13-X,BT-WCPU-PARO,BT-13-X,,,yes,yes,x,",
    "BT-Y,bt,WCPD,Desk of the upper market,BT-13-Y,BT-WCPU-PARO,BT-13-Y,,,yes,yes,x,",
)


def markets(folder: Path) -> list[Path]:
    return [quetta.table(folder, "places", *PLACES), quetta.table(folder, "desks", *DESKS)]


class TestADialogueGoesOn:
    async def test_a_key_shows_the_screen_again_and_then_counts(
        self, served: tuple[Phone, LivePlayers], tmp_path: Path
    ) -> None:
        phone, players = served
        for key in ("", "3", "2"):
            asked = await phone.type(*filter(None, [key]))
        imported(phone.here, *markets(tmp_path))
        phone.here.runtime.refresh(players)
        again = await phone.type("2")
        assert (again.screen, again.text, again.wrong) == (asked.screen, asked.text, False)
        after = await phone.type("2")
        assert after.screen != asked.screen

    async def test_words_reach_a_desk_that_was_not_there_when_the_call_began(
        self, served: tuple[Phone, LivePlayers], tmp_path: Path
    ) -> None:
        phone, players = served
        for key in ("", "3", "2"):
            await phone.type(*filter(None, [key]))
        imported(phone.here, *markets(tmp_path))
        phone.here.runtime.refresh(players)
        found = await phone.type("Upper Market")
        assert found.screen == "desk"
        assert "Upper Market" in found.text

    async def test_a_session_lost_meanwhile_is_asked_again(
        self, served: tuple[Phone, LivePlayers], tmp_path: Path
    ) -> None:
        """Its history holds keys of pages that look different now: nothing is filed by them."""
        phone, players = served
        for key in ("", "3", "1", "1", "2"):
            asked = await phone.type(*filter(None, [key]))
        assert asked.screen == "window"
        imported(phone.here, *markets(tmp_path))
        phone.here.runtime.refresh(players)
        await phone.receiver.sessions.redis.flushall()
        again = await phone.type("1")
        assert (again.screen, again.effects) == ("window", ())

    async def test_a_place_that_is_gone_begins_the_dialogue_afresh(
        self, served: tuple[Phone, LivePlayers], tmp_path: Path
    ) -> None:
        """As when a process falls back to the packaged directory."""
        phone, players = served
        packaged = dict(players)
        imported(phone.here, *markets(tmp_path))
        phone.here.runtime.refresh(players)
        for key in ("", "3", "2", "Upper Market"):
            await phone.type(*filter(None, [key]))
        players.swap(packaged)
        assert (await phone.type("1")).screen == phone.here.runtime.content.flow.home


class TestRefresh:
    def test_takes_over_content_and_players_together(self, here: World, tmp_path: Path) -> None:
        players, before = here.runtime.players(), here.runtime.current()
        imported(here, *quetta.written(tmp_path))
        assert here.runtime.current() is before
        here.runtime.refresh(players)
        directory = here.runtime.current().directory
        assert "PK-GFD-QTA-09" in directory.desks
        assert {player.script.directory for player in players.values()} == {directory}
        assert here.runtime.content is here.runtime.current()

    def test_changes_nothing_without_an_import(self, here: World) -> None:
        players = here.runtime.players()
        before = dict(players)
        here.runtime.refresh(players)
        assert all(players[name] is player for name, player in before.items())

    def test_a_directory_that_is_wrong_is_refused_once_and_the_old_one_stays(
        self, here: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        players = here.runtime.players()
        before, revision = dict(players), broken_row(here)
        here.runtime.refresh(players)
        here.runtime.refresh(players)
        (line,) = [r for r in caplog.records if r.getMessage() == "directory.refused"]
        assert line.__dict__["fields"] == {"row": revision}
        assert dict(players) == before
        assert here.runtime.current().directory.revision == 0

    def test_one_that_is_mended_is_taken(self, here: World, tmp_path: Path) -> None:
        players = here.runtime.players()
        broken_row(here)
        here.runtime.refresh(players)
        line = "BT-NEW,bt,WCPD,New,BT-12,BT-WCPU-PARO,,,,no,no,x,"
        imported(here, quetta.table(tmp_path, "desks", line))
        here.runtime.refresh(players)
        assert "BT-NEW" in here.runtime.current().directory.desks

    def test_a_record_that_is_gone_is_said_and_not_hidden(self, here: World) -> None:
        players = here.runtime.players()
        with here.record.engine.begin() as connection:
            connection.execute(text("ALTER TABLE directory_imports RENAME TO elsewhere"))
        with pytest.raises(RecordUnavailable):
            here.runtime.refresh(players)


class TestStart:
    def test_with_what_was_imported_before(self, here: World, tmp_path: Path) -> None:
        imported(here, *quetta.written(tmp_path))
        with closing(runtime.build(here.runtime.config)) as built:
            assert "PK-GFD-QTA-09" in built.content.directory.desks
            assert built.content.directory.revision == 2

    def test_a_record_that_does_not_answer_leaves_the_packaged_directory(
        self, here: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        with here.record.engine.begin() as connection:
            connection.execute(text("ALTER TABLE directory_imports RENAME TO elsewhere"))
        with closing(runtime.build(here.runtime.config)) as built:
            assert built.content.directory.revision == 0
            assert built.players().keys() == here.runtime.channels.keys()
        (line,) = [r for r in caplog.records if r.getMessage() == "directory.packaged"]
        assert line.__dict__["fields"] == {"error": "RecordUnavailable"}

    def test_so_do_rows_that_do_not_agree(
        self, here: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken_row(here)
        runtime.initialise(here.runtime.config)
        with closing(runtime.build(here.runtime.config)) as built:
            assert built.content.directory.revision == 0
        assert "directory.packaged" in [record.getMessage() for record in caplog.records]


async def test_what_a_look_at_the_record_raises_is_logged_once_and_never_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults = iter([RecordUnavailable("x"), RecordUnavailable("x"), None, RecordUnavailable("x")])
    done = anyio.Event()

    def refresh() -> None:
        fault = next(faults, StopIteration)
        if fault is StopIteration:
            anyio.from_thread.run_sync(done.set)
        elif isinstance(fault, Exception):
            raise fault

    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(partial(follow, refresh, every=0.001))
            await done.wait()
            tasks.cancel_scope.cancel()
    said = [r for r in caplog.records if r.getMessage() == "directory.not_read"]
    assert len(said) == 2
