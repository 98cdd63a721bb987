"""Bhutan: the Women and Child Protection Desks and Units of the Royal Bhutan Police."""

from zoneinfo import ZoneInfo

from flows import booklets, concerns
from flows.desks import DESK_KINDS
from helpline.core.flow import N_
from helpline.core.programme import Language, Programme, Region

BHUTAN = Programme(
    code="bt",
    name="Bhutan",
    country="BT",
    zone=ZoneInfo("Asia/Thimphu"),
    languages=(
        Language("dz", "རྫོང་ཁ Dzongkha"),
        Language("dz_Latn", "Dzongkha ABC"),
        Language("en", "English"),
    ),
    emergency="113",  # Royal Bhutan Police
    greeting="ཉེན་ཁ Danger: 113",
    concerns=(
        concerns.HOME,
        concerns.SEXUAL,
        concerns.CHILD,
        concerns.TRAFFICKING,
        concerns.ONLINE,
        concerns.LAW,
        concerns.MISSING,
        concerns.OTHER,
        concerns.UNSAID,
    ),
    booklets=(
        booklets.FORCED,
        booklets.EXPLOITED,
        booklets.DEBT,
        booklets.OFFERS,
        booklets.CHILD_LAW,
        booklets.CARE,
        booklets.BHUTAN_DESK,
    ),
    regions=(
        Region("west", N_("West"), ("BT-12", "BT-13", "BT-11", "BT-14", "BT-15")),
        Region("centre", N_("Centre and north"), ("BT-33", "BT-GA", "BT-23", "BT-32", "BT-24")),
        Region("south", N_("South"), ("BT-22", "BT-31", "BT-21", "BT-34")),
        Region(
            "east",
            N_("East"),
            ("BT-44", "BT-42", "BT-43", "BT-45", "BT-41", "BT-TY"),
        ),
    ),
    district_question=N_("In which district is help needed?"),
    helplines={"BT": "1098"},  # toll-free protection services, round the clock
    desk_kinds=DESK_KINDS,
)
