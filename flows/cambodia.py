"""Cambodia: the Child Protection Unit and the provincial anti-trafficking and juvenile offices."""

from zoneinfo import ZoneInfo

from flows import booklets, concerns
from flows.desks import DESK_KINDS
from helpline.core.flow import N_
from helpline.core.programme import Language, Programme, Region, Rules

CAMBODIA = Programme(
    code="kh",
    name="Cambodia",
    country="KH",
    zone=ZoneInfo("Asia/Phnom_Penh"),
    languages=(Language("km", "ភាសាខ្មែរ Khmer"), Language("en", "English")),
    emergency="117",  # Cambodian National Police, free with no balance
    greeting="គ្រោះថ្នាក់ Danger: 117",
    concerns=(
        concerns.SEXUAL,
        concerns.CHILD,
        concerns.TRAFFICKING,
        concerns.HOME,
        concerns.ONLINE,
        concerns.LAW,
        concerns.MISSING,
        concerns.OTHER,
        concerns.UNSAID,
    ),
    booklets=(
        booklets.CAMBODIA_DESK,
        booklets.CARE,
        booklets.FORCED,
        booklets.EXPLOITED,
        booklets.DEBT,
        booklets.OFFERS,
        booklets.CHILD_LAW,
    ),
    regions=(
        Region(
            "plain",
            N_("Phnom Penh and plains"),
            ("KH-12", "KH-3", "KH-8", "KH-14", "KH-20", "KH-21", "KH-25"),
        ),
        Region(
            "lake",
            N_("Tonle Sap lake"),
            ("KH-1", "KH-2", "KH-4", "KH-6", "KH-22", "KH-24", "KH-15", "KH-17"),
        ),
        Region("coast", N_("Coast"), ("KH-7", "KH-23", "KH-9", "KH-18")),
        Region(
            "hills",
            N_("Hills and north-east"),
            ("KH-5", "KH-10", "KH-11", "KH-13", "KH-16", "KH-19"),
        ),
    ),
    district_question=N_("In which province is help needed?"),
    helplines={"KH": "1280"},  # Child Helpline Cambodia, 24 h, free
    desk_kinds=DESK_KINDS,
    # The Child Protection Unit's specialist interviewers take children's sexual abuse cases.
    rules=Rules(interviewer_for=frozenset({"sexual", "trafficking.sexual"})),
)
