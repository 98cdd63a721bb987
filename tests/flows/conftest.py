"""`pytest tests/flows --update-transcripts` writes the screens anew; read the difference."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-transcripts",
        action="store_true",
        default=False,
        help="play the transcripts again and write what was shown",
    )


@pytest.fixture
def update_transcripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-transcripts", default=False))
