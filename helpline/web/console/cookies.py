"""The console's two cookies: the login, and that this browser is known. Neither is readable by
scripts, neither comes along from another site."""

from starlette.responses import Response

from helpline.runtime import Runtime
from helpline.web.console.visit import Visit

LOGIN, DEVICE = "helpline_login", "helpline_device"
DEVICE_AGE = 400 * 24 * 3600  # seconds; RFC 6265bis section 5.5: browsers keep none longer


def secure(parts: Runtime) -> bool:
    """Whether officers come by https, as the configured address says: a proxy ends it before us."""
    return parts.config.public_base_url.startswith("https://")


def name_of(cookie: str, parts: Runtime) -> str:
    """RFC 6265bis section 4.1.3.2: browsers take `__Host-` from this very host by https alone."""
    return f"__Host-{cookie}" if secure(parts) else cookie


def read(visit: Visit, cookie: str) -> str:
    return visit.request.cookies.get(name_of(cookie, visit.parts), "")


def put(response: Response, visit: Visit, cookie: str, value: str, age: int | None = None) -> None:
    """`age` in seconds; None: until the browser is closed."""
    response.set_cookie(
        name_of(cookie, visit.parts),
        value,
        max_age=age,
        path="/",
        secure=secure(visit.parts),
        httponly=True,
        samesite="strict",
    )


def remove(response: Response, visit: Visit, cookie: str) -> None:
    response.delete_cookie(
        name_of(cookie, visit.parts),
        path="/",
        secure=secure(visit.parts),
        httponly=True,
        samesite="strict",
    )
