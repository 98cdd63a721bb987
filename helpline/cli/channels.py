"""`helpline channels`: the exact webhook addresses to paste at each provider."""

import argparse

from helpline import runtime
from helpline.cli.common import Commands, as_json
from helpline.config import Config
from helpline.gateways import GATEWAYS
from helpline.service import webhooks


def register(commands: "Commands[argparse.ArgumentParser]") -> None:
    command = commands.add_parser("channels", help="webhook addresses to paste at the providers")
    command.add_argument("--json", action="store_true", help="JSON for machines")
    command.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    config = Config.from_env()
    rows = [
        {
            "name": channel.name,
            "gateway": channel.gateway,
            "programme": channel.programme,
            "address": channel.address,
            "webhooks": webhooks.urls(channel, GATEWAYS[channel.gateway], config.public_base_url),
        }
        for channel in runtime.channels_of(config).values()
    ]
    if args.json:
        print(as_json(rows))
        return 0
    for row in rows:
        print(f"{row['name']}  {row['gateway']}  {row['programme']}  {row['address']}")
        addresses = row["webhooks"]
        assert isinstance(addresses, dict)
        for name, url in addresses.items():
            print(f"  {name:<8} {url}")
    return 0
