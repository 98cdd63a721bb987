"""The words that officers read for states, outcomes and choices: one table each."""

from collections.abc import Mapping

from helpline.core.access import Role
from helpline.core.callback import Attempted, Outcome, State
from helpline.core.facts import Age, Sex
from helpline.core.label import O_
from helpline.core.report import Priority

STATES: Mapping[State, str] = {
    State.REQUESTED: O_("new"),
    # NOTE: state of a request: not now, the person said another time is safe
    State.WAITING: O_("waiting for the safe time"),
    State.READY: O_("ready to call"),
    # NOTE: state of a request: an officer has taken it
    State.CLAIMED: O_("taken"),
    # NOTE: state of a request: an officer is calling now
    State.ATTEMPTING: O_("calling"),
    State.REACHED: O_("reached"),
    State.REFERRED: O_("referred"),
    # NOTE: state of a request: a supervisor must decide how to go on
    State.REVIEW: O_("for the supervisor"),
    # NOTE: state of a request: nobody may call
    State.HELD: O_("do not call"),
    State.CLOSED: O_("closed"),
    State.WITHDRAWN: O_("withdrawn"),
    State.ERASED: O_("erased"),
}

PRIORITIES: Mapping[Priority, str] = {
    Priority.DANGER: O_("danger now"),
    Priority.HIGH: O_("urgent"),
    Priority.NORMAL: O_("normal"),
}

ATTEMPTED: Mapping[Attempted, str] = {
    Attempted.REACHED_SAFE: O_("We talked, and it was safe"),
    Attempted.REACHED_UNSAFE: O_("Answered, but talking was not safe"),
    Attempted.NO_ANSWER: O_("No answer"),
    Attempted.BUSY: O_("Busy"),
    Attempted.WRONG_PERSON: O_("Another person answered"),
    Attempted.NUMBER_INVALID: O_("The number does not exist"),
    Attempted.DECLINED: O_("The person wants no more calls"),
}

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.ADVISED: O_("Advised on the phone"),
    Outcome.VISITED_DESK: O_("Came to the desk"),
    Outcome.REFERRED: O_("Referred to others who help"),
    Outcome.SERVICE_RECEIVED: O_("Help was received"),
    Outcome.WITHDRAWN: O_("The person wants no help any more"),
    Outcome.UNREACHABLE: O_("Could not be reached"),
    Outcome.DUPLICATE: O_("The same as another request"),
    Outcome.NOT_A_CONCERN: O_("No concern for this desk"),
}

AGES: Mapping[Age, str] = {
    Age.UNDER_7: O_("0 to 6 years"),
    Age.UNDER_10: O_("7 to 9 years"),
    Age.UNDER_13: O_("10 to 12 years"),
    Age.UNDER_16: O_("13 to 15 years"),
    Age.UNDER_18: O_("16 or 17 years"),
    Age.UNDER_26: O_("18 to 25 years"),
    Age.UNDER_60: O_("26 to 59 years"),
    Age.OLDER: O_("60 years and older"),
    Age.UNKNOWN: O_("not known"),
}

SEXES: Mapping[Sex, str] = {
    Sex.FEMALE: O_("female"),
    Sex.MALE: O_("male"),
    Sex.OTHER: O_("other"),
    Sex.UNKNOWN: O_("not known"),
}

ROLES: Mapping[Role, str] = {
    Role.OFFICER: O_("officer"),
    Role.SUPERVISOR: O_("supervisor"),
    Role.ADMINISTRATOR: O_("administrator"),
    Role.PARTNER: O_("partner"),
}
