"""One case for Primero: only with consent, only what its own configuration knows, always logged."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from flows import PROGRAMMES
from helpline.core.access import Role
from helpline.core.callback import Attempted
from helpline.core.errors import Refused
from helpline.core.facts import Age, Sex
from helpline.core.report import Priority
from helpline.service.filing import Filed
from helpline.service.notes import Facts, Notes
from helpline.service.primero import WHY, Export, Primero, Why, case_uuid
from helpline.service.stories import MOVED, Stories
from helpline.store import audit, cases, officers
from helpline.store.officers import Officer
from helpline.store.schema import audit as audit_table
from tests.private import PRIVATE_WORDS, traces
from tests.world import HAA, NUMBER, START, THIMPHU, World, report, world

# github.com/primeroIMS/primero at 4b95bf947480e7cdd1fca197b1c7ef7188a9bd8e:
# app/services/permitted_field_service.rb: UUID_REGEX and PERMITTED_CORE_FIELDS_SCHEMA;
# db/configuration/forms/case/*.rb: the types of the fields; lookups.rb: their values;
# app/services/record_json_validator_service.rb: what each type takes, and nothing else.
UUID = re.compile(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
PROTECTION_CONCERNS = {
    *("sexually_exploited", "gbv_survivor", "trafficked_smuggled", "statelessness"),
    *("arrested_detained", "migrant", "disabled", "serious_health_issue", "refugee", "caafag"),
    *("street_child", "child_mother", "physically_or_mentally_abused", "other"),
    *("living_with_vulnerable_person", "worst_forms_of_child_labor", "child_headed_household"),
    "mentally_distressed",
}


def _one_of(*values: str) -> Callable[[object], bool]:
    return lambda value: value in values


def _is_date(value: object) -> bool:
    return isinstance(value, str) and date.fromisoformat(value).isoformat() == value


def _is_list(value: object) -> bool:
    return isinstance(value, list) and set(value) <= PROTECTION_CONCERNS


SPEC: Mapping[str, Callable[[object], bool]] = {
    "id": lambda value: isinstance(value, str) and bool(UUID.match(value)),
    "module_id": _one_of("primeromodule-cp"),
    "registration_date": _is_date,  # date_field, not_future_date
    "protection_concerns": _is_list,  # select_box, multi_select, lookup-protection-concerns
    "urgent_protection_concern": _one_of("true", "false"),  # radio_button, lookup-yes-no
    "disclosure_other_orgs": lambda value: isinstance(value, bool),  # tick_box
    "sex": _one_of("male", "female"),  # select_box, lookup-gender
    "age": lambda value: isinstance(value, int) and 0 <= value <= 130,  # numeric_field
    "estimated": lambda value: isinstance(value, bool),  # tick_box
}


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Iterator[World]:
    with world(tmp_path, database_url) as built:
        yield built


@pytest.fixture
def primero(here: World) -> Primero:
    return Primero(here.record, here.runtime.sealer, here.runtime.content.programmes)


@pytest.fixture
def dema(here: World) -> Officer:
    return supervisor(here, "Dema", HAA)


def supervisor(here: World, name: str, desk: str) -> Officer:
    with here.record.writing() as connection:
        officers.put(connection, name, woman=True, desks=[desk], role=Role.SUPERVISOR)
        found = officers.named(connection, name)
    assert found is not None
    return found


def export(here: World, primero: Primero, dema: Officer, *filed: Filed) -> Export:
    ids = [here.callback(one).id for one in filed]
    return primero.export(dema, ids, Why.REFERRAL, here.clock())


def told(made: Export) -> dict[str, object]:
    document = json.loads(made.content)
    assert list(document) == ["data"]
    data = document["data"]
    assert isinstance(data, dict)
    return data


def note(here: World, filed: Filed, facts: Facts) -> None:
    with here.record.writing() as connection:
        case = cases.get(connection, filed.case_id)
        Notes(here.runtime.sealer).set_facts(connection, case, facts)


def test_a_case_in_the_words_of_primero(here: World, primero: Primero, dema: Officer) -> None:
    filed = here.file(report(about="child", concern="sexual", priority=Priority.DANGER))
    note(here, filed, Facts(Age.UNDER_13, Sex.FEMALE))
    made = export(here, primero, dema, filed)
    assert told(made) == {
        "id": str(case_uuid(filed.case_id)),
        "module_id": "primeromodule-cp",
        "registration_date": "2031-03-04",
        "protection_concerns": ["gbv_survivor"],
        "urgent_protection_concern": "true",
        "disclosure_other_orgs": True,
        "sex": "female",
        "age": 11,
        "estimated": True,
    }
    assert (made.name, made.media_type) == (f"{told(made)['id']}.json", "application/json")


CONCERNS = sorted(
    {
        (concern.value, form)
        for programme in PROGRAMMES.values()
        for concern in programme.concerns
        for form in ("", *(known.value for known in concern.forms))
    }
)


def test_every_fact_is_one_that_primero_takes(here: World, primero: Primero, dema: Officer) -> None:
    filed = here.file(report())
    for age, sex in product(Age, Sex):
        note(here, filed, Facts(age, sex))
        data = told(export(here, primero, dema, filed))
        assert {name for name, value in data.items() if not SPEC[name](value)} == set()
        narrow = (Age.UNDER_10, Age.UNDER_13, Age.UNDER_16, Age.UNDER_18)
        assert ("age" in data) == (age in narrow)


def test_every_concern_is_one_that_primero_takes(
    here: World, primero: Primero, dema: Officer
) -> None:
    for at, (concern, form) in enumerate(CONCERNS):
        filed = here.file(report(about=str(at), concern=concern))
        with here.record.writing() as connection:
            case = cases.get(connection, filed.case_id)
            stories = Stories(here.runtime.sealer)
            (entry,) = stories.read(case)
            stories.write(connection, case, [{**entry, "form": form}])
        data = told(export(here, primero, dema, filed))
        assert SPEC["protection_concerns"](data["protection_concerns"])
        assert bool(data["protection_concerns"]) == (concern != "unsaid")


def test_the_same_case_gets_the_same_id(here: World, primero: Primero, dema: Officer) -> None:
    filed = here.file(report())
    first, second = (export(here, primero, dema, filed) for _ in range(2))
    assert first == second
    assert told(first)["id"] != told(export(here, primero, dema, _other(here)))["id"]


def _other(here: World) -> Filed:
    return here.file(report(about="child"))


class TestWhatIsNeverShared:
    def test_safety_09_no_number_no_words_no_code(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        words = report(said=PRIVATE_WORDS[1], code_word=PRIVATE_WORDS[0])
        filed = here.file(words)
        made = export(here, primero, dema, filed).content.decode()
        assert traces(made) == []
        for secret in (NUMBER[1:], filed.code, filed.case_id, "BT-13", "beats"):
            assert secret not in made

    def test_safety_11_nothing_without_consent(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report(consented=False))
        with pytest.raises(Refused, match="has not agreed to sharing"):
            export(here, primero, dema, filed)

    def test_safety_11_her_latest_word_counts(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report(consented=True))
        here.file(report(consented=False))
        with pytest.raises(Refused, match="has not agreed to sharing"):
            export(here, primero, dema, filed)

    def test_safety_11_of_a_dialogue_without_consent_nothing_is_told(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report(concern="sexual", consented=False))
        here.clock.move(timedelta(minutes=5))
        here.file(report(concern="home", consented=True))
        data = told(export(here, primero, dema, filed))
        assert data["protection_concerns"] == ["physically_or_mentally_abused"]

    def test_safety_15_what_went_to_another_case_is_not_told(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report())
        with here.record.writing() as connection:
            case = cases.get(connection, filed.case_id)
            stories = Stories(here.runtime.sealer)
            moved = {"at": START.isoformat(), MOVED: "1234-5678"}
            stories.write(connection, case, [*stories.read(case), moved])
        assert told(export(here, primero, dema, filed))["protection_concerns"] == ["other"]

    def test_safety_11_withdrawn_is_refused(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report())
        line = here.claim("Pema", filed)
        desk, pema = here.runtime.desk, here.people["Pema"]
        desk.attempt(HAA, pema, line.id, line.fence, here.clock())
        desk.record_attempt(HAA, pema, line.id, Attempted.DECLINED, line.fence, here.clock())
        with pytest.raises(Refused, match="was withdrawn"):
            export(here, primero, dema, filed)

    def test_safety_20_erased_is_refused(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report())
        with here.record.writing() as connection:
            cases.erase(connection, filed.case_id)
        with pytest.raises(Refused, match="was erased"):
            export(here, primero, dema, filed)


class TestWhoMay:
    def test_safety_23_only_a_supervisor(self, here: World, primero: Primero) -> None:
        with pytest.raises(Refused, match="Only a supervisor"):
            export(here, primero, here.people["Pema"], here.file(report()))

    def test_safety_23_only_of_her_own_desk(self, here: World, primero: Primero) -> None:
        sonam = supervisor(here, "Choden", THIMPHU)
        with pytest.raises(Refused, match="no callback"):
            export(here, primero, sonam, here.file(report()))

    @pytest.mark.parametrize("ids", [[], list(range(1, 102))])
    def test_none_or_too_many_are_refused(
        self, primero: Primero, dema: Officer, ids: list[int]
    ) -> None:
        with pytest.raises(Refused, match="Choose 1 to 100 cases"):
            primero.export(dema, ids, Why.MANAGEMENT, START)

    def test_safety_23_every_case_is_logged_with_its_reason(
        self, here: World, primero: Primero, dema: Officer
    ) -> None:
        filed = here.file(report())
        export(here, primero, dema, filed)
        logged = [row for row in here.rows(audit_table) if row["action"] == "export.primero"]
        assert [(row["actor"], row["subject"], row["detail"]) for row in logged] == [
            ("Dema", filed.code, {"reason": "referral", "desk": HAA})
        ]
        with here.record.reading() as connection:
            assert audit.verify(connection)[1] == ""

    def test_every_reason_has_its_words(self) -> None:
        assert set(WHY) == set(Why)


class TestSeveral:
    def test_a_file_each_in_one_archive(self, here: World, primero: Primero, dema: Officer) -> None:
        both = [here.file(report()), _other(here), here.file(report())]
        made = export(here, primero, dema, *both)
        assert (made.name, made.media_type) == ("cases.zip", "application/zip")
        with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
            names = set(archive.namelist())
            inside = [json.loads(archive.read(name))["data"]["id"] for name in names]
        assert {f"{one}.json" for one in inside} == names
        assert len(names) == 2

    def test_all_or_none(self, here: World, primero: Primero, dema: Officer) -> None:
        good, bad = here.file(report()), here.file(report(about="child", consented=False))
        before = here.everything()
        with pytest.raises(Refused, match="has not agreed"):
            export(here, primero, dema, good, bad)
        assert here.everything() == before
