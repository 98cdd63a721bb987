"""The one conversation of all programmes: get help, find a desk, know your rights, my case.

Tables only. What differs between countries is data in the programme modules beside this one.
"""

from flows.case import CASE
from flows.place import PLACE
from flows.report import DONE, NO, REPORT, YES
from flows.words import SHORTCUTS
from helpline.core.flow import (
    N_,
    Choice,
    End,
    Flow,
    From,
    Menu,
    Said,
    Source,
    When,
)

FLOW = Flow(
    name="help",
    version=4,
    first="language",
    home="home",
    resume="resume",
    lost="lost",
    lost_again="goodbye",
    enough=DONE,
    case="case",
    shortcuts=SHORTCUTS,
    urgent=N_("In danger now? Call {number}."),
    # NOTE: shown when a key was pressed to hide. It must look like any dull service message.
    decoy=N_("Weather service: no news today. Thank you."),
    hint=N_("Please choose one of the numbers on the screen."),
    more=N_("More"),
    back=N_("Back"),
    hide=N_("Close"),
    # NOTE: shown when nothing could be stored. {number} is the live emergency number.
    not_saved=N_("Sorry, we could not save this. Please call {number}."),
    screens={
        # The prompt is the programme's greeting: emergency number first, every script.
        "language": Menu(
            prompt=Said.GREETING,
            source=From(Source.LANGUAGES, "language", goto="home"),
            choices=(
                Choice(
                    # NOTE: a choice: the service forgets which language this phone chose.
                    N_("Forget my language"),
                    goto="language",
                    sets={"language": ""},
                    when=When.LANGUAGE_KNOWN,
                ),
            ),
        ),
        "home": Menu(
            prompt=N_("In danger now? Call {number}."),
            choices=(
                Choice(N_("Get help"), goto="about"),
                Choice(N_("Find nearest desk"), goto="region", sets={"task": "find"}),
                Choice(N_("Know your rights"), goto="rights"),
                Choice(N_("My request"), goto="my_case"),
                Choice(N_("Language"), goto="language"),
            ),
        ),
        "resume": Menu(
            # NOTE: offered when a dialogue was cut off and the person dials again.
            prompt=N_("In danger now? Call {number}."),
            choices=(
                Choice(N_("Continue"), returns=True),
                Choice(N_("Start again"), goto="home"),
            ),
        ),
        "rights": Menu(
            prompt=N_("What do you want to know?"),
            source=From(Source.BOOKLETS, "booklet", goto="booklet"),
        ),
        "booklet": Menu(
            prompt=Said.BOOKLET,
            choices=(
                Choice(N_("Get help"), goto="about"),
                Choice(N_("Another topic"), goto="rights"),
            ),
        ),
        # Offered after three wrong keys.
        "lost": Menu(
            prompt=N_("Shall we call you instead?"),
            choices=(
                Choice(YES, goto="window"),
                Choice(NO, goto="goodbye"),
            ),
        ),
        "goodbye": End(
            prompt=N_("Thank you. You can use this service again any time."),
        ),
        **REPORT,
        **PLACE,
        **CASE,
    },
)
