"""`helpline about`: version, licence, and whose facts the directory is made of."""

import argparse
from importlib.metadata import version
from importlib.resources import files

from helpline import catalogue
from helpline.cli.common import Commands


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("about", help="version, licence, sources of places and desks")
    command.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    print(f"helpline {version('helpline')}, Apache-2.0")
    states = {language: catalogue.review_state(language) for language in catalogue.LANGUAGES}
    for language, state in states.items():
        print(f"  {language:<8} {state}")
    print()
    print(files("helpline.directory").joinpath("data", "SOURCES.md").read_text(encoding="utf-8"))
    return 0
