"""`helpline translations export|import`: a spreadsheet for a reviewer, taken back whole or not."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog

from helpline import catalogue, runtime
from helpline.catalogue import review
from helpline.cli.common import Commands
from helpline.cli.review import export, plan, proof, sheet
from helpline.cli.review.plan import Change
from helpline.cli.review.sheet import Numbered, Refusal
from helpline.core.errors import ConfigError

TRANSLATED = tuple(code for code in catalogue.LANGUAGES if code != "en")  # English is the key
LONGEST_NAME = 60  # it must stand on the header's line


def register(actions: "Commands[argparse.ArgumentParser]") -> None:
    out = actions.add_parser("export", help="write a reviewer's spreadsheet (CSV)")
    out.add_argument("--language", required=True, choices=TRANSLATED)
    out.add_argument("--output", type=Path, metavar="FILE", help="a new file; default: print it")
    out.set_defaults(run=run_export)
    take = actions.add_parser("import", help="take the spreadsheet back, or list what is wrong")
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument("--dry-run", action="store_true", help="show what would change, no more")
    take.add_argument("--reviewer", type=_reviewer, help="who signs when all is ok")
    take.set_defaults(run=run_import)


def _reviewer(text: str) -> str:
    name = review.one_line(text)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise argparse.ArgumentTypeError(f"write 1 to {LONGEST_NAME} plain letters")
    return name


def run_export(arguments: argparse.Namespace) -> int:
    language = arguments.language
    rows = export.rows(language, catalogue.read(language), runtime.content())
    _put(sheet.render(rows), arguments.output)
    return 0


def _put(data: bytes, output: Path | None) -> None:
    """Never over a file: it may be the one that a reviewer has filled in."""
    if output is None:
        raw = getattr(sys.stdout, "buffer", None)  # the letters must not depend on the terminal
        if raw is None:
            sys.stdout.write(data.decode())
        else:
            raw.write(data)
        return
    try:
        with output.open("xb") as stored:
            stored.write(data)
    except FileExistsError:
        raise ConfigError([f"{output} is there already; give another name."]) from None
    except OSError as failed:
        raise ConfigError([f"Cannot write {output}: {failed.strerror}."]) from None


def run_import(arguments: argparse.Namespace) -> int:
    """1 and nothing written when a single row is refused."""
    rows, refusals = sheet.parse(_read(arguments.file))
    language, changes, found = _planned(rows)
    refused = sorted({*refusals, *found})
    if refused:
        print("\n".join(map(str, refused)))
        print(f"{len(refused)} refused; nothing was written. Mend them and import again.")
        return 1
    for change in changes:
        print("\n".join(change.lines()))
    for line in _longer(language, changes):
        print(line)
    _finish(language, changes, arguments.reviewer or "", dry_run=arguments.dry_run)
    return 0


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stored:
            return stored.read(sheet.MOST_BYTES + 1)
    except OSError as failed:
        raise ConfigError([f"Cannot read {file}: {failed.strerror}."]) from None


def _planned(rows: Sequence[Numbered]) -> tuple[str, tuple[Change, ...], tuple[Refusal, ...]]:
    """Language, changes and refusals; the screens are proved with all rows that may be taken."""
    if not rows:
        return "", (), ()
    language, strangers = plan.language_of(rows, TRANSLATED)
    if not language:
        return "", (), strangers
    before = catalogue.read(language)
    own = [row for row in rows if row.row.language == language]
    changes, refusals = plan.plan(language, before, own)
    unfit = proof.refusals(language, before, _after(language, changes), changes, runtime.content())
    return language, changes, (*strangers, *refusals, *unfit)


def _after(language: str, changes: Sequence[Change]) -> Catalog:
    catalog = catalogue.read(language)
    plan.apply(catalog, changes)
    return catalog


def _longer(language: str, changes: Sequence[Change]) -> Iterator[str]:
    """What still fits and takes a caller more keys than before."""
    if not any(change.of_text for change in changes):
        return
    content = runtime.content()
    was = export.pages(language, catalogue.read(language), content)
    for screen, count in export.pages(language, _after(language, changes), content).items():
        if count > was.get(screen, count):
            yield f"note: {screen} takes {count} pages, was {was[screen]}."


def _finish(language: str, changes: Sequence[Change], reviewer: str, *, dry_run: bool) -> None:
    catalog = _after(language, changes)
    before = review.state_of(catalog)
    review.settle_state(catalog, reviewer, runtime.now().date())
    state = review.state_of(catalog)
    if before != state:
        print(f"review: {before or '-'} -> {state}")
    changed = f"{len(changes)} strings of {language} change"
    if dry_run:
        print(f"{changed}; nothing was written.")
        return
    if changes or before != state:
        catalogue.write(language, catalog)
    print(f"{changed}d." if changes else f"{changed}.")
    complete = review.progress_of(catalog).complete
    if reviewer and not complete:
        print("The reviewer is not named yet: not every string has the verdict ok.")
    elif complete and not state.startswith(review.REVIEWED_BY):
        print("Every string has the verdict ok: say who reviewed them with --reviewer.")
