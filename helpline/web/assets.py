"""Serves the pages' own files from memory: nothing outside the list read at start is reachable."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class _Asset:
    body: bytes
    content_type: str
    tag: str


def _read(path: Path) -> _Asset:
    body = path.read_bytes()
    return _Asset(body, TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')


class Assets:
    """`/static/{path}`: the files of FOLDER that have one of TYPES; without the simulator's own
    while it is off."""

    def __init__(self, *, simulator: bool) -> None:
        self._files = {
            path.relative_to(FOLDER).as_posix(): _read(path)
            for path in sorted(FOLDER.rglob("*"))
            if path.suffix in TYPES and (simulator or not path.name.startswith("simulator"))
        }

    def routes(self) -> list[Route]:
        return [Route("/static/{path:path}", self.file)]

    async def file(self, request: Request) -> Response:
        asset = self._files.get(request.path_params["path"])
        if asset is None:
            return Response(status_code=404)
        headers = {
            "cache-control": "no-cache",  # asked for again, but sent again only when changed
            "etag": asset.tag,
            "x-content-type-options": "nosniff",
        }
        if request.headers.get("if-none-match") == asset.tag:
            return Response(status_code=304, headers=headers)
        return Response(asset.body, media_type=asset.content_type, headers=headers)
