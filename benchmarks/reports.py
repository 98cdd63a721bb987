"""What a report of ten thousand cases costs: opening and counting, against opening alone.

python -m benchmarks.reports > benchmarks/reports.txt
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select

from helpline.core.facts import Age, Sex
from helpline.core.statistics import By
from helpline.core.suppression import MARK
from helpline.service.notes import Facts, Notes
from helpline.service.statistics import Asked, Scope
from helpline.service.stories import NUMBER, Stories, told
from helpline.store import callbacks, cases
from helpline.store.callbacks import CallbackRow
from helpline.store.schema import attempts
from helpline.store.schema import cases as cases_table
from tests.world import HAA, START, World, report, world

CASES = 10_000
CONCERNS = ("home", "sexual", "child", "trafficking", "online", "law", "missing", "other")
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        with world(path, f"sqlite:///{path}/record.db") as here:
            fill(here)
            show(here)


def fill(here: World) -> None:
    """Cases over twelve months in twenty districts, each with a story, facts and an attempt."""
    sealer, stories = here.runtime.sealer, Stories(here.runtime.sealer)
    places = [p.code for p in here.runtime.content.directory.places.values() if p.parent == "BT"]
    first = here.file(report())
    like, called = here.case(first), here.callback(first)
    ages, sexes = list(Age), list(Sex)
    with here.record.writing() as connection:
        for at in range(CASES):
            case_id, when = f"{at:032x}", START - timedelta(days=at % 365)
            key = sealer.new_case_key(case_id)
            said = report(concern=CONCERNS[at % 8], place=places[at % len(places)])
            number = sealer.seal(case_id, NUMBER, key, {"number": "+97510600001"})
            row = {
                "id": case_id,
                "code": f"{at:08}",
                "wrapped_key": key,
                "sealed_story": stories.seal(case_id, key, [told(said, when.isoformat())]),
                "sealed_number": number,
                "created_at": when,
            }
            kept = {name: getattr(like, name) for name in like.__slots__}
            case = cases.CaseRow(**{**kept, **row})
            cases.insert_case(connection, case)
            facts = Facts(ages[at % len(ages)], sexes[at % len(sexes)])
            Notes(sealer).set_facts(connection, case, facts)
            attempt(here, connection, called, case_id, at)


def attempt(here: World, connection: Connection, like: CallbackRow, case_id: str, at: int) -> None:
    row = replace(like, case_id=case_id, desk=HAA)
    callback_id = callbacks.insert_callback(connection, row)
    done: dict[str, object] = {
        "callback_id": callback_id,
        "officer_id": here.people["Pema"].id,
        "fence": 1,
    }
    done |= {"started_at": START, "ended_at": START, "outcome": "reached_safe"}
    connection.execute(insert(attempts).values(done))


def show(here: World) -> None:
    counted = here.runtime.statistics
    later = START + timedelta(days=60)
    asked = Asked("benchmark", Scope("bt"), counted.period("bt", "all", later))
    opening = best(lambda: unsealed(here))
    gathered = best(lambda: counted.facts(asked.scope, asked.period))
    whole = best(lambda: counted.report(asked, later))
    said = counted.report(asked, later)
    hidden = sum(row.requests.text == MARK for by in By for row in said.table(by).rows)
    print(f"{CASES} cases, {len(said.tables)} tables of {len(asked.period.months)} months:")
    print(f"total {said.total.requests.text}, hidden cells {hidden}\n")
    print(f"opening every story and note   {opening:6.2f} s  1.0")
    print(f"reading and opening the facts  {gathered:6.2f} s  {gathered / opening:.1f}")
    print(f"the whole report, audited      {whole:6.2f} s  {whole / opening:.1f}")


def unsealed(here: World) -> None:
    with here.record.reading() as connection:
        rows = [cases.CaseRow(**row._mapping) for row in connection.execute(select(cases_table))]
    stories, notes = Stories(here.runtime.sealer), Notes(here.runtime.sealer)
    for row in rows:
        stories.read(row)
        notes.facts(row)


def best(job: Callable[[], object]) -> float:
    """Seconds, the best of some."""
    found = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        job()
        found.append(time.perf_counter() - began)
    return min(found)


if __name__ == "__main__":
    main()
