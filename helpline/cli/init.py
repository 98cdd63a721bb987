"""`helpline init`: key ring, schema and desks of a new deployment; also brings an old one up."""

import argparse

from helpline import runtime
from helpline.cli.common import Commands
from helpline.config import Config


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("init", help="make or upgrade key ring, schema and desks")
    command.set_defaults(run=run)


def run(_args: argparse.Namespace) -> int:
    config = Config.from_env()
    runtime.initialise(config)
    print(f"Ready. The key ring is {config.keys_file}: back it up, apart from the database.")
    return 0
