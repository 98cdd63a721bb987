"""The one conversation of all programmes: get help, find a desk, know your rights, my case.

Tables only. What differs between countries is data in the programme modules beside this one.
"""

from flows.words import SHORTCUTS
from helpline.core.flow import (
    N_,
    Branch,
    Choice,
    Effect,
    End,
    Flow,
    From,
    Input,
    Menu,
    Said,
    Source,
    Typed,
    Variant,
    When,
)

YES, NO = N_("Yes"), N_("No")
_WHEN = N_("When is it safe to call you?")
_PLACED = (
    Branch(When.FINDING, "desk"),
    Branch(When.DANGER, "danger_done"),
    Branch(When.NO_CALL, "consent"),
    "caller",
)
_DISTRICT = (Branch(When.DISTRICT_HAS_AREAS, "area"), *_PLACED)
_PLACE = Typed(Input.PLACE, "place", goto=_DISTRICT, effects=(Effect.TELL,))
_DONE = (
    Branch(When.DANGER, "danger_done"),
    Branch(When.NO_CALL, "done_no_call"),
    "done",
)
_TOLD = (Branch(When.MAY_WRITE, "story"), *_DONE)
_CAREFUL = (Branch(When.CHILD_NOTICE, "child_notice"), "window")

FLOW = Flow(
    name="help",
    version=2,
    first="language",
    home="home",
    resume="resume",
    lost="lost",
    lost_again="goodbye",
    enough=_DONE,
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
        "about": Menu(
            prompt=N_("Who needs help?"),
            choices=(
                Choice(N_("Me"), goto="danger", sets={"about": "me"}),
                Choice(N_("Another adult"), goto="danger", sets={"about": "adult"}),
                Choice(N_("A child"), goto="danger", sets={"about": "child"}),
            ),
        ),
        "danger": Menu(
            prompt=N_("Is anyone in danger now?"),
            choices=(
                Choice(YES, goto="danger_call"),
                Choice(NO, goto=_CAREFUL),
            ),
        ),
        "danger_call": Menu(
            # NOTE: yes means that we ring this phone now; no answer means no call.
            prompt=N_("Call {number} now. May we call you on this phone now?"),
            choices=(
                Choice(
                    YES,
                    goto="region",
                    sets={"danger": "yes"},
                    effects=(Effect.FILE_DANGER,),
                ),
                Choice(NO, goto="danger_no_call", sets={"danger": "no_call"}),
            ),
        ),
        "danger_no_call": Menu(
            prompt=N_("Call {number} now if you can."),
            choices=(Choice(N_("Continue"), goto=_CAREFUL),),
        ),
        "child_notice": Menu(
            # NOTE: the limit of secrecy, said before anything is told (SAFETY 12).
            prompt=N_(
                "If a child is in danger, the law says the desk must act to protect the child, "
                "even if others must be told."
            ),
            choices=(Choice(N_("Continue"), goto="window"),),
        ),
        # Asked before the story: from here on a callback is queued, even if the line drops.
        "window": Menu(
            prompt=_WHEN,
            source=From(Source.WINDOWS, "window", goto="concern", effects=(Effect.FILE_CALL,)),
        ),
        "concern": Menu(
            prompt=N_("What is happening?"),
            # NOTE: the request is stored and a call will come; the person may stop here.
            variants=(Variant(When.QUEUED, N_("We will call you. What is happening?")),),
            source=From(
                Source.CONCERNS,
                "concern",
                goto=(Branch(When.HAS_FORMS, "form"), "region"),
                effects=(Effect.TELL,),
            ),
        ),
        "form": Menu(
            prompt=N_("Which is closest?"),
            source=From(Source.FORMS, "form", goto="region", effects=(Effect.TELL,)),
        ),
        "region": Menu(
            prompt=N_("Where is help needed? Choose, or type the place."),
            variants=(
                Variant(When.FINDING, N_("Where are you? Choose, or type the place.")),
                Variant(When.DANGER, N_("We will call you soon. Where is help needed?")),
            ),
            source=From(Source.REGIONS, "region", goto="district"),
            typed=_PLACE,
        ),
        # The prompt is the programme's own word for its districts.
        "district": Menu(
            prompt=Said.DISTRICT_QUESTION,
            source=From(Source.DISTRICTS, "district", goto=_DISTRICT, effects=(Effect.TELL,)),
            typed=_PLACE,
        ),
        "area": Menu(
            prompt=N_("Which area is nearest?"),
            source=From(Source.AREAS, "area", goto=_PLACED, effects=(Effect.TELL,)),
            choices=(Choice(N_("Another area"), goto=_PLACED, sets={"area": ""}),),
            typed=_PLACE,
        ),
        "desk": Menu(
            prompt=N_("{desk}, {place}. {line}."),
            variants=(
                Variant(
                    When.DESK_ALWAYS_OPEN,
                    N_("{desk}, {place}. Open day and night. {line}."),
                ),
            ),
            choices=(
                Choice(N_("Another desk"), goto="desk", when=When.OTHER_DESK),
                Choice(N_("Send me this by SMS"), goto="text_sure", when=When.CAN_TEXT),
                Choice(N_("Ask for a call"), goto="about"),
            ),
        ),
        "text_sure": Menu(
            prompt=N_("The SMS stays on this phone until you delete it. Send it?"),
            choices=(
                Choice(YES, goto="texted", effects=(Effect.TEXT_DESK,)),
                Choice(NO, returns=True),
            ),
        ),
        "texted": End(
            prompt=N_("We cannot send an SMS to this phone."),
            variants=(Variant(When.TEXTED, N_("OK. The SMS is on its way.")),),
        ),
        "caller": Menu(
            prompt=N_("Who should call you?"),
            choices=(
                Choice(
                    N_("A woman"),
                    goto="consent",
                    sets={"caller": "woman"},
                    effects=(Effect.TELL,),
                ),
                Choice(
                    N_("Anyone"),
                    goto="consent",
                    sets={"caller": "anyone"},
                    effects=(Effect.TELL,),
                ),
                Choice(
                    # NOTE: for somebody who does not trust the desk of her own place.
                    N_("Not my local desk"),
                    goto="caller",
                    sets={"elsewhere": "yes"},
                    effects=(Effect.TELL,),
                    when=When.OTHER_DESK,
                    unless=When.ELSEWHERE,
                ),
            ),
            variants=(Variant(When.ELSEWHERE, N_("Another desk will call. Who should call you?")),),
        ),
        "consent": Menu(
            prompt=N_("We send your answers to the desk. Do you agree?"),
            # NOTE: a call is agreed already; this asks whether others may be told.
            variants=(Variant(When.QUEUED, N_("May the desk tell others who must help you?")),),
            choices=(
                Choice(
                    YES,
                    goto="word",
                    sets={"consent": "yes"},
                    effects=(Effect.FILE_REPORT,),
                ),
                Choice(
                    NO,
                    goto=(Branch(When.QUEUED, "word"), "not_sent"),
                    sets={"consent": "no"},
                    effects=(Effect.TELL,),
                ),
            ),
        ),
        "word": Menu(
            # NOTE: three letters or digits at least. Whoever answers our call must say it.
            prompt=N_("Type a secret word. When we call, we ask for it first."),
            variants=(
                Variant(
                    When.NO_CALL,
                    N_("Type a secret word. You need it to open your request."),
                ),
            ),
            choices=(Choice(N_("No word"), goto=_TOLD, sets={"word": ""}, effects=(Effect.TELL,)),),
            typed=Typed(Input.WORD, "word", goto=_TOLD, effects=(Effect.TELL,)),
        ),
        "story": Menu(
            # NOTE: only in SMS. The next text becomes part of the request.
            prompt=N_("You can tell us more in one SMS now."),
            choices=(Choice(N_("Nothing more"), goto=_DONE, effects=(Effect.TELL,)),),
            typed=Typed(Input.STORY, "said", goto=_DONE, effects=(Effect.TELL,)),
        ),
        "danger_done": End(
            prompt=N_(
                "Remember request number {code}. We will call you soon. Call {number} if you can."
            ),
        ),
        "done": End(
            prompt=N_("Remember request number {code}. We will call you {when}."),
        ),
        "done_no_call": End(
            prompt=N_(
                "Thank you. Remember request number {code}. "
                "You can use this service again any time."
            ),
        ),
        "not_sent": End(
            prompt=N_("Nothing was sent or kept. You can use this service again any time."),
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
            prompt=_WHEN,
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
    },
)
