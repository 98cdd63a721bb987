"""`helpline translations`: whether every string is said in every language, and by whom reviewed."""

import argparse
from dataclasses import asdict

from helpline import catalogue
from helpline.catalogue.review import progress_of
from helpline.cli import review
from helpline.cli.common import Commands, as_json


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("translations", help="check, update, count or review them")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser("check", help="print what is missing or stale")
    check.set_defaults(run=run_check)
    update = actions.add_parser("update", help="bring the strings of the source into them")
    update.set_defaults(run=run_update)
    status = actions.add_parser("status", help="how far each language is")
    status.add_argument("--json", action="store_true", help="the same as JSON")
    status.set_defaults(run=run_status)
    review.register(actions)


def run_check(arguments: argparse.Namespace) -> int:
    """1 when a string is missing, stale or broken in any language."""
    faults = sorted(map(str, catalogue.faults()))
    for fault in faults:
        print(fault)
    languages = ", ".join(catalogue.LANGUAGES)
    print(f"{len(faults)} faults in {languages}." if faults else f"Complete: {languages}.")
    return 1 if faults else 0


def run_update(arguments: argparse.Namespace) -> int:
    catalogue.update()
    waiting = [row for row in status() if row["translated"] != row["strings"]]
    for row in waiting:
        missing = int(str(row["strings"])) - int(str(row["translated"]))
        print(f"{row['language']}: {missing} strings wait for a translation.")
    if not waiting:
        print("The catalogues hold every string of the source.")
    return 0


def status() -> list[dict[str, object]]:
    """Per language: how many strings there are, how far they are, and what the header says."""
    rows: list[dict[str, object]] = []
    for language in catalogue.LANGUAGES:
        progress = asdict(progress_of(catalogue.read(language)))
        rows.append({"language": language, **progress, "review": catalogue.review_state(language)})
    return rows


def run_status(arguments: argparse.Namespace) -> int:
    rows = status()
    if arguments.json:
        print(as_json(rows))
        return 0
    print(f"{'':8} {'strings':>7} translated back-translated   ok change unsure")
    for row in rows:
        counts = (
            f"{row['language']:8} {row['strings']:7} {row['translated']:10} "
            f"{row['back_translated']:15} {row['ok']:4} {row['change']:6} {row['unsure']:6}"
        )
        print(f"{counts}  {row['review'] or 'review not stated'}")
    return 0
