"""Who works in the demo: officers where callbacks go, partners where referrals go."""

from pathlib import Path

import pytest

from helpline import runtime
from helpline.cli import seed
from helpline.config import Config
from helpline.core.access import Role
from helpline.core.partners import only_receives, partners_of
from helpline.store import desks, officers
from tests.cli.tool import Tool, prepared


@pytest.fixture
def tool(tmp_path: Path) -> Tool:
    return prepared(tmp_path / "data")


def test_every_partner_of_the_demo_can_be_sent_a_referral(tool: Tool) -> None:
    parts = runtime.build(Config.from_env(tool.settings))
    try:
        with parts.record.reading() as connection:
            for name, desk in seed.PARTNERS.items():
                officer = officers.named(connection, name)
                assert officer is not None
                assert officer.role is Role.PARTNER
                assert officers.desks_of(connection, officer.id) == (desk,)
                row = desks.get(connection, desk)
                assert row is not None and row.duty_phone
    finally:
        parts.close()
    known = parts.content.directory
    asking = ("BT-WCPD-13", "PK-CPU-RAJANPUR", "KH-CPU")
    offered = {desk.code for code in asking for desk in partners_of(known, code)}
    assert set(seed.PARTNERS.values()) <= offered


def test_officers_of_the_demo_are_not_at_partners(tool: Tool) -> None:
    parts = runtime.build(Config.from_env(tool.settings))
    try:
        with parts.record.reading() as connection:
            for one in officers.everybody(connection):
                if one.role is not Role.PARTNER:
                    working = officers.desks_of(connection, one.id)
                    found = [parts.content.directory.desks[code] for code in working]
                    assert not any(only_receives(desk) for desk in found)
    finally:
        parts.close()
