"""What several commands share: the parts, opened and closed, and one JSON form."""

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager

from helpline import runtime
from helpline.config import Config
from helpline.runtime import Runtime

Commands = argparse._SubParsersAction


@contextmanager
def opened() -> Iterator[Runtime]:
    parts = runtime.build(Config.from_env(), receiving=False)
    try:
        yield parts
    finally:
        parts.close()


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
