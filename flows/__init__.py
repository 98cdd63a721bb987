"""The content: one flow, and one programme per country. Typed tables without code."""

from flows.bhutan import BHUTAN
from flows.cambodia import CAMBODIA
from flows.help import FLOW as FLOW
from flows.pakistan import PAKISTAN

PROGRAMMES = {programme.code: programme for programme in (BHUTAN, PAKISTAN, CAMBODIA)}
