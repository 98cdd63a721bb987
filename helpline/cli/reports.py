"""`helpline reports`: the tables of a programme, on the terminal or as a file."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from helpline import runtime
from helpline.cli.common import Commands, opened
from helpline.core.errors import Refused
from helpline.core.label import Voice
from helpline.core.report_words import Grid, Names, category_grid, grids, notes
from helpline.core.statistics import By
from helpline.runtime import Runtime
from helpline.service.report_files import csv_of, json_of, xlsx_of
from helpline.service.statistics import SCREEN, Asked, Scope

PROGRAMMES = ("bt", "pk", "kh")
CATEGORY = "category"
ENGLISH = Voice("en", str)  # the terminal's language: strings as they stand in the code
OPERATOR = "operator"  # how the audit log names who works at the terminal


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    reports = commands.add_parser("reports", help="count requests; small numbers are hidden")
    reports.add_argument("--programme", choices=PROGRAMMES, required=True)
    period = "2026-11, 2026-Q4, 2026 or all (default: the last month that has ended)"
    reports.add_argument("--period", default="", metavar="PERIOD", help=period)
    choices = [*(by.value for by in By), CATEGORY]
    reports.add_argument("--by", choices=choices, help="one table (default: all but category)")
    form = reports.add_mutually_exclusive_group()
    form.add_argument("--csv", type=Path, metavar="FILE", help="for spreadsheets")
    form.add_argument("--xlsx", type=Path, metavar="FILE", help="for Excel, a sheet per table")
    form.add_argument("--json", action="store_true", help="JSON for machines")
    reports.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    with opened() as parts:
        shown, said = _made(parts, args)
    if args.csv:
        _write(args.csv, csv_of(shown, said))
    elif args.xlsx:
        _write(args.xlsx, xlsx_of(shown, said))
    elif args.json:
        print(json_of(shown, said))
    else:
        print("\n\n".join(map(_table, shown)) + "\n\n" + "\n".join(said))
    return 0


def _made(parts: Runtime, args: argparse.Namespace) -> tuple[Sequence[Grid], list[str]]:
    content, counted, now = parts.current(), parts.statistics, runtime.now()
    form = "csv" if args.csv else "xlsx" if args.xlsx else "json" if args.json else SCREEN
    period = counted.period(args.programme, args.period, now)
    asked = Asked(OPERATOR, Scope(args.programme), period, form)
    say = ENGLISH.say
    if args.by == CATEGORY:
        said = notes(None, say, public=True)
        return [category_grid(counted.categories(asked, now), say)], said
    names = Names(content.programmes[args.programme], content.directory, say, say)
    made = counted.report(asked, now)
    shown = grids(made, names, By(args.by) if args.by else None)
    return shown, notes(made, say, public=asked.scope.public)


def _write(file: Path, made: bytes) -> None:
    """Never over a file that is there: it may be a report that somebody still needs."""
    try:
        with file.open("xb") as written:
            written.write(made)
    except OSError as failed:
        raise Refused(
            "{file} cannot be written: {why}.", file=str(file), why=failed.strerror or ""
        ) from None
    print(f"The report is in {file}.")


def _table(grid: Grid) -> str:
    rows = [grid.header, *([str(value) for value in row] for row in grid.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([grid.title, *(line.rstrip() for line in lines)])
