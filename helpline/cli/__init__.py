"""The command `helpline`: one sub-command per module, errors as one sentence each."""

import argparse
import sys
from collections.abc import Sequence

from helpline.cli import (
    about,
    audit,
    callbacks,
    channels,
    check,
    demo,
    desks,
    directory,
    doctor,
    init,
    play,
    reports,
    serve,
    staff,
    translations,
)
from helpline.core.errors import ConfigError, HelplineError

COMMANDS = (
    demo,
    play,
    callbacks,
    channels,
    check,
    doctor,
    translations,
    audit,
    init,
    serve,
    staff,
    desks,
    directory,
    reports,
    about,
)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="helpline", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    for module in COMMANDS:
        module.register(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 well, 1 refused or found something, 2 set up or called wrongly."""
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except ConfigError as wrong:
        for problem in wrong.problems:
            print(f"helpline: {problem}", file=sys.stderr)
        return 2
    except HelplineError as refused:
        print(f"helpline: {refused}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has gone
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130
