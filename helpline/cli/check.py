"""`helpline check`: proves every conversation on every kind of channel, and says what is wrong."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from helpline import catalogue, runtime, sources
from helpline.cli import graph
from helpline.cli.common import Commands, as_json
from helpline.config import Config
from helpline.core import officer_texts
from helpline.core.check import Checked, Finding, Row, check
from helpline.core.check_paths import Cost
from helpline.core.errors import ConfigError
from helpline.core.label import Label, Text
from helpline.core.play import Player
from helpline.gateways import GATEWAYS
from helpline.gateways.base import Channel
from helpline.runtime import Content
from helpline.service.messages import STOPPED
from helpline.service.nudges import WORDS

LONGEST_REF = "9999999"  # a callback's number


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser("check", help="prove every screen of every conversation")
    parser.add_argument("--json", action="store_true", help="counts and findings as JSON")
    parser.add_argument("--price", type=float, help="of one SMS segment, to print costs")
    parser.add_argument(
        "--graph", choices=("mermaid", "dot"), help="print the screens as a graph instead"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """1 when anything was found."""
    if arguments.graph:
        print(graph.DRAWN[arguments.graph](runtime.content().flow))
        return 0
    checked = check(players(content(), channels()), notices())
    findings = (*checked.findings, *_catalogue_findings())
    if arguments.json:
        print(as_json(_as_object(checked, findings)))
    else:
        print("\n".join(_lines(checked, findings, arguments.price)))
    return 1 if findings else 0


def content() -> Content:
    """With what was imported, where there is a record."""
    try:
        return runtime.stored_content(Config.from_env())
    except ConfigError:
        return runtime.content()


def channels() -> Mapping[str, Channel]:
    """The configured channels; none before the deployment is set up, `doctor` speaks of that."""
    try:
        config = Config.from_env()
        return runtime.channels_of(config) if config.channels_file.exists() else {}
    except ConfigError:
        return {}


def players(content: Content, configured: Mapping[str, Channel]) -> Iterator[tuple[str, Player]]:
    """Every programme on the usual budgets, and every channel whose own budget differs."""
    for code in content.programmes:
        for kind, budget in runtime.BUDGETS.items():
            yield kind.value, content.player(code, kind, budget)
    done = {
        (code, kind, budget)
        for code in content.programmes
        for kind, budget in runtime.BUDGETS.items()
    }
    for name, channel in configured.items():
        one = (channel.programme, GATEWAYS[channel.gateway].kind, channel.budget)
        if one not in done:
            done.add(one)
            yield name, content.player(*one)


def notices() -> Mapping[str, Label]:
    words = {kind: Text(said, {"ref": LONGEST_REF}) for kind, said in WORDS.items()}
    told = {
        f"duty phone: {name}": officer_texts.answer(said, LONGEST_REF, "23:59")
        for name, said in officer_texts.ANSWERS.items()
    }
    return {"stopped": Text(STOPPED), **words, **told}


def _catalogue_findings() -> Iterator[Finding]:
    for fault in catalogue.faults():
        yield Finding("", fault.language, "catalogue", repr(fault.msgid), fault.problem)


def _as_object(checked: Checked, findings: tuple[Finding, ...]) -> dict[str, object]:
    return {
        "checked": checked.counts(),
        "rows": [asdict(row) for row in checked.rows],
        "paths": {
            code: {path.name: path.questions for path in found}
            for code, found in checked.paths.items()
        },
        "costs": [asdict(cost) for cost in checked.costs],
        "findings": [asdict(finding) for finding in findings],
    }


def _lines(checked: Checked, findings: tuple[Finding, ...], price: float | None) -> Iterator[str]:
    yield f"{'':3} {'language':8} {'channel':16} {'states':>6} {'screens':>7} {'pages':>6}  fullest"
    yield from map(_line, checked.rows)
    for code, found in checked.paths.items():
        counts = ", ".join(f"{path.name} {path.questions}" for path in found)
        yield f"{code}: questions from dialling to what is filed or found: {counts}"
    yield from _cost_lines(checked.costs, price)
    counts = ", ".join(f"{count} {name}" for name, count in checked.counts().items())
    yield f"Checked: {counts}."
    for finding in findings:
        place = f"{sources.where(finding.screen)}: " if finding.kind in ("", "ussd", "sms") else ""
        yield f"{place}{finding}"
    yield f"{len(findings)} findings." if findings else "Nothing wrong was found."


def _cost_lines(costs: tuple[Cost, ...], price: float | None) -> Iterator[str]:
    """One line for each way and language: texts to us, segments from us, and their price."""
    if costs:
        yield f"{'':3} {'language':8} {'by SMS':17} {'texts in':>8} {'segments out':>12}"
    for cost in costs:
        money = "" if price is None else f"  {cost.sent * price:.2f}"
        counts = f"{cost.received:8} {cost.sent:12}"
        yield f"{cost.programme:3} {cost.language:8} {cost.path:17} {counts}{money}"


def _line(row: Row) -> str:
    counts = f"{row.states:6} {row.screens:7} {row.pages:6}"
    return f"{row.programme:3} {row.language:8} {row.kind:16} {counts}  {row.units}/{row.limit}"
