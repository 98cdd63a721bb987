"""`helpline serve PART`: one process of a deployment, for a service manager to keep running."""

import argparse
import os
import sys

from helpline.cli.common import Commands

PARTS = {
    "web": ["-m", "helpline.web.server"],
    "relay": ["-m", "workers.relay"],
    "worker-urgent": ["-m", "workers.worker", "urgent"],
    "worker-routine": ["-m", "workers.worker", "routine"],
}


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("serve", help="run one process: web, relay or a worker")
    command.add_argument("part", choices=sorted(PARTS))
    command.add_argument("--host", default="127.0.0.1", help="web only (default 127.0.0.1)")
    command.add_argument("--port", type=int, default=8000, help="web only (default 8000)")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Becomes that process, so that signals reach it directly."""
    rest = [args.host, str(args.port)] if args.part == "web" else []
    os.execv(sys.executable, [sys.executable, *PARTS[args.part], *rest])  # noqa: S606
