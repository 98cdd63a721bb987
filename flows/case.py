"""My request: opened by number and secret word; another time, no call any more, erase."""

from flows.report import NO, WHEN_SAFE, YES
from helpline.core.flow import (
    N_,
    Branch,
    Choice,
    Effect,
    End,
    From,
    Input,
    Menu,
    Screens,
    Source,
    Typed,
    Variant,
    When,
)

CASE: Screens = {
    "my_case": Menu(
        prompt=N_("Type your request number."),
        typed=Typed(Input.CASE, "case", goto="my_word"),
        choices=(Choice(N_("I have no number"), goto="about"),),
    ),
    "my_word": Menu(
        prompt=N_("Type your secret word."),
        typed=Typed(Input.WORD, "key", goto="case", effects=(Effect.FIND_CASE,)),
        choices=(
            Choice(N_("No word"), goto="case", sets={"key": ""}, effects=(Effect.FIND_CASE,)),
        ),
    ),
    "case": Menu(
        # NOTE: what stands here must tell an onlooker nothing.
        prompt=N_("We did not find this number and word."),
        variants=(
            Variant(When.CASE_WORKING, N_("We are working on your request.")),
            Variant(When.CASE_HELD, N_("We have your request. We will not call you.")),
            Variant(When.CASE_ENDED, N_("Work on your request has ended.")),
            Variant(When.CASE_KNOWN, N_("We have your request. We will call you.")),
        ),
        choices=(
            Choice(N_("Change the time"), goto="case_window", when=When.CASE_OPEN),
            Choice(
                N_("Do not call me"),
                goto="case_stopped",
                effects=(Effect.WITHDRAW,),
                when=When.CASE_OPEN,
            ),
            Choice(N_("Erase my information"), goto="case_sure", when=When.CASE_KNOWN),
            Choice(N_("Type it again"), goto="my_case", unless=When.CASE_KNOWN),
            Choice(N_("Get help"), goto="about"),
        ),
    ),
    "case_window": Menu(
        prompt=WHEN_SAFE,
        source=From(
            Source.WINDOWS,
            "window",
            goto=(Branch(When.NO_CALL, "case_stopped"), "case_changed"),
            effects=(Effect.CHANGE_TIME,),
        ),
    ),
    "case_sure": Menu(
        prompt=N_("Do you want to erase all you told us? We will not call you."),
        choices=(
            Choice(YES, goto="case_erased", effects=(Effect.ERASE,)),
            Choice(NO, returns=True),
        ),
    ),
    "case_changed": End(prompt=N_("OK. We will call you {when}.")),
    "case_stopped": End(
        prompt=N_("OK. We will not call you. You can use this service again any time."),
    ),
    "case_erased": End(
        prompt=N_("The information is erased. You can use this service again any time."),
    ),
}
