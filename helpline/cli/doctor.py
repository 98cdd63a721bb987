"""`helpline doctor`: what keeps this deployment from working well, and how to mend it."""

import argparse
from collections.abc import Mapping
from datetime import date, datetime

from helpline import directory, runtime
from helpline.cli.common import Commands, as_json
from helpline.config import Config
from helpline.core.errors import ConfigError, ContentError, RecordUnavailable
from helpline.directory import Tables
from helpline.gateways.base import Channel
from helpline.service import known
from helpline.service.doctor import (
    Deployment,
    Finding,
    Level,
    catalogue_findings,
    error,
    examine,
    in_order,
    wrong_setting,
)
from helpline.store.record import Record


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("doctor", help="what is wrong with this deployment")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """1 only when there are errors: warnings do not stop a deployment."""
    findings = found(runtime.now())
    errors = sum(1 for finding in findings if finding.level is Level.ERROR)
    if arguments.json:
        rows = [{"level": f.level.value, "what": f.what, "mend": f.mend} for f in findings]
        print(as_json({"findings": rows}))
        return 1 if errors else 0
    for finding in findings:
        print(finding)
    print(f"{errors} errors, {len(findings) - errors} warnings.")
    return 1 if errors else 0


def found(now: datetime) -> list[Finding]:
    try:
        config = Config.from_env()
    except ConfigError as wrong:
        return in_order([*wrong_setting(wrong), *catalogue_findings()])
    channels, findings = _channels(config)
    try:
        content = runtime.content()
    except ContentError as wrong_content:
        return in_order([*findings, error(f"{wrong_content}.", "Install the program anew.")])
    tables, more = _tables(config)
    deployment = Deployment(
        config=config,
        channels=channels,
        directory=content.directory if more else directory.build(tables, today=date.max),
        holidays=tables.rows["holidays"],
        programmes=content.programmes,
        redis_url=runtime.redis_url(config),
    )
    return in_order([*findings, *more, *examine(deployment, now)])


def _tables(config: Config) -> tuple[Tables, list[Finding]]:
    """The packaged ones where nothing else can be used."""
    record = Record(config.database_url)
    try:
        tables = directory.packaged() if known.absent(record) else known.tables_of(record)
    except RecordUnavailable:  # `examine` says why
        return directory.packaged(), []
    finally:
        record.close()
    mend = "Until then the packaged directory answers. Import rows that mend it."
    wrong = directory.wrong(tables, date.max)
    found = [error(f"The imported directory cannot be used: {fault}", mend) for fault in wrong]
    return (directory.packaged() if found else tables), found


def _channels(config: Config) -> tuple[Mapping[str, Channel], list[Finding]]:
    if not config.channels_file.exists():
        return {}, []  # `examine` says so
    try:
        return runtime.channels_of(config), []
    except ConfigError as wrong:
        return {}, wrong_setting(wrong)
