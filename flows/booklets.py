"""Know your rights: short texts for callers, in words a twelve-year-old knows.

What a desk promises here it must be able to keep; what the law says is said in general only.
"""

from helpline.core.flow import N_
from helpline.core.programme import Booklet

FORCED = Booklet(
    "forced",
    N_("Forced work"),
    N_(
        "Work without pay, no freedom to leave, or papers taken away: this can be trafficking. "
        "It is not your fault. You can ask for help."
    ),
)
DEBT = Booklet(
    "debt",
    N_("Work for a debt"),
    N_(
        "Nobody may keep you or your child at work because of a debt. "
        "The law forbids it. You can ask for help."
    ),
)
EXPLOITED = Booklet(
    "exploited",
    N_("Forced sexual acts"),
    N_(
        "Nobody may force or trick you into sexual acts, for money or not. "
        "It is not your fault. You can ask for help."
    ),
)
OFFERS = Booklet(
    "offers",
    N_("Job offers online"),
    N_(
        "A job offer by phone or internet can be a trap. Ask us before you go. "
        "Keep your papers. Tell someone you trust."
    ),
)
CHILD_LAW = Booklet(
    "child_law",
    N_("A child and the law"),
    N_(
        "A child in trouble with the law has the right to have a parent with them, a lawyer and "
        "fair treatment. Often a child can be helped without prison."
    ),
)
CARE = Booklet(
    "care",
    N_("Doctor, shelter, support"),
    N_(
        "The desk helps you reach a doctor, a safe place to stay, someone to talk to and a lawyer. "
        "Help at the desk is free."
    ),
)
BHUTAN_DESK = Booklet(
    "desk",
    N_("What the desk does"),
    N_(
        "The desk listens, protects you and helps your child go to school. It works with RENEW, "
        "Nazhoen Lamtoen and The PEMA. Protection services: {phone}, free, day and night."
    ),
    phone="1098",
)
QUETTA_DESK = Booklet(
    "desk",
    N_("The gender desk"),
    N_(
        "The gender desk at the police station helps women, children and transgender people. "
        "You can ask for a woman officer. Help at the desk is free."
    ),
)
KHIDMAT = Booklet(
    "khidmat",
    N_("Police Khidmat centre"),
    N_(
        "At a Police Khidmat centre you can get police papers and report lost things. "
        "For violence or danger ask the gender desk."
    ),
)
RAJANPUR_UNIT = Booklet(
    "rajanpur",
    N_("Child protection, Rajanpur"),
    N_(
        "In Rajanpur the Child Protection Unit works with schools, doctors, police, courts and "
        "Rescue 1122. Child helpline: {phone}, day and night."
    ),
    phone="1121",
)
CAMBODIA_DESK = Booklet(
    "desk",
    N_("Talking to the police"),
    N_(
        "Specially trained women talk with children about what happened. "
        "Child Helpline: {phone}, free, day and night."
    ),
    phone="1280",
)
