"""The words of the public pages, by the names that their templates use."""

from helpline.core.label import N_

WORDS = {
    # NOTE: a link at the top of a web page, for when somebody comes near; it opens a dull page
    "leave": N_("Leave this page now"),
    # NOTE: stands under "Leave this page now" on computers: the Esc key does the same
    "escape": N_("Or press the Esc key twice."),
    "language": N_("Language"),
    "back": N_("Back"),
    "find": N_("Find nearest desk"),
    # NOTE: what to write into the field of a web page
    "place": N_("Name of the place"),
    "which": N_("Which place do you mean?"),
    "map": N_("Map of the desks"),
    # NOTE: under a map. An area is a district (Bhutan, Pakistan) or a province (Cambodia).
    "street": N_("The map shows the main town of each area, not the street."),
    "all": N_("All desks"),
    # NOTE: heading of a list of places that come after those with a desk
    "others": N_("Other places"),
    # NOTE: said of one desk among several: it is the one that is in charge of the place
    "own": N_("The desk for this place"),
    "help": N_("Get help"),
}
# NOTE: heading over the desks that are nearest to a place: Desks near Paro
NEAR = N_("Desks near {place}")
# NOTE: a link to a page that is made for printing and hanging up: Page to print: Paro
PRINT = N_("Page to print: {place}")
# NOTE: on a printed page: the number is a code for any phone, such as *123#
DIAL = N_("Dial {number}")
# NOTE: on a printed page: the number takes text messages
TEXT = N_("Send an SMS to {number}")
HELPLINE = N_("Helpline {phone}")
# NOTE: the name of a browser's tab, which others may see: it never says what the page is about.
TITLE = N_("{place}: phone {phone}.")
ABROAD = N_("{abroad} is in {country}. In danger there? Call {abroad_number}.")

NOT_FOUND = N_("We did not find this place. Write it another way, or look in the list.")
# What is said with a status; the page under it is whole.
WRONG = {
    404: N_("We did not find this page."),
    413: N_("This is too long. Write only the name of the place."),
    400: N_("This did not work. Please try again."),
}
