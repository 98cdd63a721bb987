"""Concerns that programmes may offer, in words a caller would use."""

from helpline.core.flow import N_
from helpline.core.programme import Concern

HOME = Concern("home", N_("Violence at home"), urgent=True)
SEXUAL = Concern("sexual", N_("Sexual abuse"), urgent=True)
CHILD = Concern("child", N_("Child hurt or neglected"), urgent=True)
TRAFFICKING = Concern("trafficking", N_("Forced work or trafficking"), urgent=True)
ONLINE = Concern("online", N_("Threats by phone or online"))
LAW = Concern("law", N_("Child in trouble with the law"))
MISSING = Concern("missing", N_("Missing person"), urgent=True)
OTHER = Concern("other", N_("Something else"))
UNSAID = Concern("unsaid", N_("I prefer not to say"))
