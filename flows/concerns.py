"""Concerns that programmes may offer, in words a caller would use."""

from helpline.core.flow import N_
from helpline.core.programme import Concern, Form

HOME = Concern("home", N_("Violence at home"), urgent=True)
SEXUAL = Concern("sexual", N_("Sexual abuse"), urgent=True)
CHILD = Concern("child", N_("Child hurt or neglected"), urgent=True)
# The forms that the counter-trafficking procedure tells apart.
TRAFFICKING = Concern(
    "trafficking",
    N_("Forced work or trafficking"),
    urgent=True,
    forms=(
        Form("sexual", N_("Forced sexual acts")),
        Form("work", N_("Forced work")),
        Form("debt", N_("Work for a debt")),
        Form("online", N_("Cheated by a job offer")),
        Form("unsure", N_("I do not know")),
    ),
)
ONLINE = Concern("online", N_("Threats by phone or online"))
LAW = Concern("law", N_("Child in trouble with the law"))
MISSING = Concern("missing", N_("Missing person"), urgent=True)
OTHER = Concern("other", N_("Something else"))
UNSAID = Concern("unsaid", N_("I prefer not to say"))
