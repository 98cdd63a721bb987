"""Where in Pakistan: the two cities of the service first, then the provinces by their divisions.

The divisions are administrative facts; each is named by its best-known district, as people do.
"""

from helpline.core.flow import N_
from helpline.core.programme import Region

_AROUND = N_("Around {place}")

_BALOCHISTAN = (
    Region(
        "pishin",
        _AROUND,
        ("PK-BA-PISHIN", "PK-BA-KILLAABDULLA", "PK-BA-CHAMAN"),
        place="PK-BA-PISHIN",
    ),
    Region(
        "zhob",
        _AROUND,
        ("PK-BA-ZHOB", "PK-BA-SHERANI", "PK-BA-KILLASAIFULL"),
        place="PK-BA-ZHOB",
    ),
    Region(
        "loralai",
        _AROUND,
        ("PK-BA-LORALAI", "PK-BA-MUSAKHEL", "PK-BA-BARKHAN", "PK-BA-DUKI"),
        place="PK-BA-LORALAI",
    ),
    Region(
        "sibi",
        _AROUND,
        ("PK-BA-SIBI", "PK-BA-HARNAI", "PK-BA-ZIARAT", "PK-BA-KOHLU", "PK-BA-DERABUGTI"),
        place="PK-BA-SIBI",
    ),
    Region(
        "nasirabad",
        _AROUND,
        (
            "PK-BA-NASIRABAD",
            "PK-BA-JAFARABAD",
            "PK-BA-SOHBATPUR",
            "PK-BA-USTAMUHAMMAD",
            "PK-BA-JHALMAGSI",
            "PK-BA-KACHHI",
        ),
        place="PK-BA-NASIRABAD",
    ),
    Region(
        "khuzdar",
        _AROUND,
        (
            "PK-BA-KHUZDAR",
            "PK-BA-KALAT",
            "PK-BA-MASTUNG",
            "PK-BA-SURAB",
            "PK-BA-AWARAN",
            "PK-BA-LASBELA",
            "PK-BA-HUB",
        ),
        place="PK-BA-KHUZDAR",
    ),
    Region(
        "kech",
        _AROUND,
        ("PK-BA-KECH", "PK-BA-GWADAR", "PK-BA-PANJGUR"),
        place="PK-BA-KECH",
    ),
    Region(
        "chagai",
        _AROUND,
        ("PK-BA-CHAGAI", "PK-BA-NUSHKI", "PK-BA-KHARAN", "PK-BA-WASHUK"),
        place="PK-BA-CHAGAI",
    ),
)
_PUNJAB = (
    Region(
        "lahore",
        _AROUND,
        ("PK-PB-LAHORE", "PK-PB-KASUR", "PK-PB-SHEIKHUPURA", "PK-PB-NANKANASAHIB"),
        place="PK-PB-LAHORE",
    ),
    Region(
        "gujranwala",
        _AROUND,
        ("PK-PB-GUJRANWALA", "PK-PB-SIALKOT", "PK-PB-NAROWAL"),
        place="PK-PB-GUJRANWALA",
    ),
    Region(
        "gujrat",
        _AROUND,
        ("PK-PB-GUJRAT", "PK-PB-HAFIZABAD", "PK-PB-MANDIBAHAUDD", "PK-PB-WAZIRABAD"),
        place="PK-PB-GUJRAT",
    ),
    Region(
        "rawalpindi",
        _AROUND,
        (
            "PK-PB-RAWALPINDI",
            "PK-PB-MURREE",
            "PK-PB-ATTOCK",
            "PK-PB-CHAKWAL",
            "PK-PB-TALAGANG",
            "PK-PB-JHELUM",
        ),
        place="PK-PB-RAWALPINDI",
    ),
    Region(
        "sargodha",
        _AROUND,
        ("PK-PB-SARGODHA", "PK-PB-KHUSHAB", "PK-PB-MIANWALI", "PK-PB-BHAKKAR"),
        place="PK-PB-SARGODHA",
    ),
    Region(
        "faisalabad",
        _AROUND,
        ("PK-PB-FAISALABAD", "PK-PB-JHANG", "PK-PB-CHINIOT", "PK-PB-TOBATEKSINGH"),
        place="PK-PB-FAISALABAD",
    ),
    Region(
        "sahiwal",
        _AROUND,
        ("PK-PB-SAHIWAL", "PK-PB-OKARA", "PK-PB-PAKPATTAN"),
        place="PK-PB-SAHIWAL",
    ),
    Region(
        "multan",
        _AROUND,
        ("PK-PB-MULTAN", "PK-PB-KHANEWAL", "PK-PB-LODHRAN", "PK-PB-VEHARI"),
        place="PK-PB-MULTAN",
    ),
    Region(
        "dera_ghazi_khan",
        _AROUND,
        (
            "PK-PB-DERAGHAZIKHA",
            "PK-PB-RAJANPUR",
            "PK-PB-MUZAFFARGARH",
            "PK-PB-LAYYAH",
            "PK-PB-KOTADDU",
            "PK-PB-TAUNSA",
        ),
        place="PK-PB-DERAGHAZIKHA",
    ),
    Region(
        "bahawalpur",
        _AROUND,
        ("PK-PB-BAHAWALPUR", "PK-PB-BAHAWALNAGAR", "PK-PB-RAHIMYARKHAN"),
        place="PK-PB-BAHAWALPUR",
    ),
)

REGIONS = (
    Region("quetta", "", ("PK-BA-QUETTA",), place="PK-BA-QUETTA"),
    Region("rajanpur", "", ("PK-PB-RAJANPUR",), place="PK-PB-RAJANPUR"),
    Region("balochistan", "", place="PK-BA", parts=_BALOCHISTAN),
    Region("punjab", "", place="PK-PB", parts=_PUNJAB),
    Region("elsewhere", N_("Another province"), ("PK",)),
)
