"""`helpline directory`: see, check and import the operator's own places, desks and holidays."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from helpline import directory, runtime
from helpline.cli import check
from helpline.cli.common import Commands
from helpline.config import Config
from helpline.core.errors import RecordUnavailable, Refused
from helpline.service import known
from helpline.service.directory_admin import Change, DirectoryAdmin, Plan
from helpline.store.record import Record

ACTOR = "operator"


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("directory", help="export, check and import places and desks")
    actions = command.add_subparsers(required=True, metavar="ACTION")
    importing = actions.add_parser("import", help="put a table's rows over the directory")
    _files(importing)
    importing.add_argument("--dry-run", action="store_true", help="check all, change nothing")
    importing.add_argument("--actor", default=ACTOR, help="whom the audit log names")
    importing.set_defaults(run=run_import)
    validating = actions.add_parser("validate", help="everything that is wrong with tables")
    _files(validating)
    validating.set_defaults(run=run_validate)
    differing = actions.add_parser("diff", help="what an import would change, cell by cell")
    _files(differing)
    differing.set_defaults(run=run_diff)
    exporting = actions.add_parser("export", help="a table as CSV, to edit and import")
    exporting.add_argument("table", choices=directory.NAMES)
    exporting.add_argument("--own", action="store_true", help="only what was imported here")
    exporting.add_argument("--output", type=Path, metavar="FILE", help="instead of the terminal")
    exporting.set_defaults(run=run_export)


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="CSV in UTF-8")


@contextmanager
def administered() -> Iterator[DirectoryAdmin]:
    """Before there is a record, the packaged directory can be looked at all the same."""
    config, content = Config.from_env(), runtime.content()
    kinds = {code: programme.desk_kinds for code, programme in content.programmes.items()}
    record = Record(config.database_url)
    try:
        stored = None if known.absent(record) else record
        if stored:
            runtime.check_schema(stored)
        yield DirectoryAdmin(
            stored, kinds, lambda d: check.players(replace(content, directory=d), check.channels())
        )
    except RecordUnavailable as broken:
        what = f"The database cannot be used ({broken}); nothing was changed."
        raise Refused(f"{what} Start it or mend DATABASE_URL; see `helpline doctor`.") from None
    finally:
        record.close()


def run_import(args: argparse.Namespace) -> int:
    if not args.actor.isprintable() or not 1 <= len(args.actor) <= 64:
        raise Refused("An actor's name has 1 to 64 letters.")
    with administered() as admin:
        plan = _sound(admin, args.files)
        if not plan.changes:
            print("Nothing changes: the directory has all of this already.")
            return 0
        if args.dry_run:
            print(f"Would be imported: {_counted(plan)}. Nothing was changed.")
            return 0
        revision = admin.commit(plan, args.actor, runtime.now())
    print(f"Imported: {_counted(plan)}. The directory is at revision {revision}.")
    return 0


def run_validate(args: argparse.Namespace) -> int:
    with administered() as admin:
        plan = _sound(admin, args.files)
    print(f"Nothing is wrong. An import would change: {_counted(plan)}.")
    return 0


def run_diff(args: argparse.Namespace) -> int:
    with administered() as admin:
        plan = _sound(admin, args.files)
    for change in plan.changes:
        print("\n".join(_difference(change)))
    return 1 if plan.changes else 0


def _sound(admin: DirectoryAdmin, files: list[Path]) -> Plan:
    """Raises ContentError with every fault, one a line."""
    now = runtime.now()
    plan = admin.plan(files, now)
    if plan.changes:
        admin.prove(plan, now)
    return plan


def _counted(plan: Plan) -> str:
    counts = plan.counts().items()
    return ", ".join(f"{name} {new} new, {old} changed" for name, (new, old) in counts) or "nothing"


def _difference(change: Change) -> Iterator[str]:
    sign = "new" if change.before is None else "changed"
    yield f"{change.table} {change.after.key} ({sign}, {change.after.where})"
    for column, old, new in change.cells():
        yield f"  {column}: {new}" if change.before is None else f"  {column}: {old!r} -> {new!r}"


def run_export(args: argparse.Namespace) -> int:
    with administered() as admin:
        tables = admin.own() if args.own else admin.tables()
    raw = tables.export(args.table)
    if args.output is None:
        sys.stdout.write(raw)
        return 0
    try:
        args.output.write_text(raw, encoding="utf-8", newline="")
    except OSError as broken:
        raise Refused(f"{args.output} cannot be written: {broken.strerror}.") from None
    print(f"{args.output}: {len(tables.rows[args.table])} rows of {args.table}.")
    return 0
