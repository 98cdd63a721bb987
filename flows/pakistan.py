"""Pakistan: the gender desks of Quetta's police stations, the Child Protection Unit of Rajanpur."""

from zoneinfo import ZoneInfo

from flows import booklets, concerns
from flows.desks import DESK_KINDS
from flows.pakistan_regions import REGIONS
from helpline.core.flow import N_
from helpline.core.programme import Language, Programme

PAKISTAN = Programme(
    code="pk",
    name="Pakistan",
    country="PK",
    zone=ZoneInfo("Asia/Karachi"),
    languages=(
        Language("ur", "اردو Urdu"),
        Language("ur_Latn", "Urdu ABC"),
        Language("en", "English"),
    ),
    emergency="15",  # police emergency, all provinces
    greeting="خطرہ Danger: 15",
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
        booklets.QUETTA_DESK,
        booklets.RAJANPUR_UNIT,
        booklets.CHILD_LAW,
        booklets.CARE,
        booklets.FORCED,
        booklets.EXPLOITED,
        booklets.DEBT,
        booklets.OFFERS,
        booklets.KHIDMAT,
    ),
    regions=REGIONS,
    district_question=N_("In which district is help needed?"),
    helplines={"PK-PB": "1121", "PK-BA": "1089"},
    desk_kinds=DESK_KINDS,
)
