"""Runs the web process: `python -m helpline.web.server HOST PORT`."""

import sys

import uvicorn

from helpline import logs, runtime
from helpline.config import Config
from helpline.core.errors import HelplineError
from helpline.web.app import create


def serve(host: str, port: int) -> None:
    """Serves until it is told to stop. No access log: paths hold secrets."""
    config = Config.from_env()
    logs.configure(config.log_level)
    parts = runtime.build(config)
    runtime.check_schema(parts.record)
    app = create(parts)
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=5,
        limit_concurrency=512,
    )


if __name__ == "__main__":
    try:
        serve(sys.argv[1], int(sys.argv[2]))
    except HelplineError as wrong:
        sys.exit(f"helpline: {wrong}")
