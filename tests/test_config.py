"""Configuration: every problem at once, no secret in any of them, and examples that are true."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from helpline import runtime
from helpline.config import SETTINGS, Config, read_channels
from helpline.core.errors import ConfigError
from helpline.gateways.base import Channel

ROOT = Path(__file__).parents[1]
SECRET = "hunter2-and-more-0123456789"
IN_PATH = {"africastalking-ussd": True, "africastalking-sms": True, "twilio-sms": False}
GOOD = {
    "name": '"bt-ussd"',
    "gateway": '"africastalking-ussd"',
    "programme": '"bt"',
    "address": '"*1098#"',
    "secrets": f'["{SECRET}"]',
}


def of(tmp_path: Path, **values: str) -> Config:
    return Config.from_env({"HELPLINE_DATA": str(tmp_path), **values})


def problems(tmp_path: Path, **values: str) -> list[str]:
    with pytest.raises(ConfigError) as wrong:
        of(tmp_path, **values)
    return wrong.value.problems


class TestSettings:
    def test_the_defaults_need_nothing(self, tmp_path: Path) -> None:
        config = of(tmp_path)
        assert config == Config(
            data=tmp_path,
            database_url=f"sqlite:///{tmp_path}/helpline.sqlite3",
            redis_url="",
            public_base_url="http://127.0.0.1:8000",
            channels_file=tmp_path / "channels.toml",
            keys_file=tmp_path / "keys.json",
            simulator=False,
            log_level="INFO",
            embedded_database=True,
            embedded_redis=True,
        )

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DATABASE_URL", "mysql://u:p@h/d"),
            ("DATABASE_URL", "postgres://u:p@h/d"),
            ("DATABASE_URL", "helpline.sqlite3"),
            ("REDIS_URL", "localhost:6379"),
            ("REDIS_URL", "http://localhost"),
            ("REDIS_URL", "redis://[::1"),
            ("PUBLIC_BASE_URL", "help.example.org"),
            ("PUBLIC_BASE_URL", "ftp://help.example.org"),
            ("PUBLIC_BASE_URL", "https://"),
            ("PUBLIC_BASE_URL", "https://help.example.org?a=1"),
            ("PUBLIC_BASE_URL", "https://help.example.org#rc=2"),
            ("PUBLIC_BASE_URL", "http://["),
            ("HELPLINE_SIMULATOR", "yes"),
            ("HELPLINE_SIMULATOR", "ON"),
            ("HELPLINE_LOG_LEVEL", "debug"),
            ("HELPLINE_LOG_LEVEL", "ALL"),
        ],
    )
    def test_a_bad_one_is_named(self, tmp_path: Path, name: str, value: str) -> None:
        (problem,) = problems(tmp_path, **{name: value})
        assert problem.startswith(f"{name} must be")
        assert problem.endswith(".")

    def test_all_bad_ones_are_reported_together(self, tmp_path: Path) -> None:
        bad = {
            "DATABASE_URL": f"mysql://helpline:{SECRET}@db/helpline",
            "REDIS_URL": f"http://:{SECRET}@redis",
            "PUBLIC_BASE_URL": f"https://user:{SECRET}@help.example.org?x",
            "HELPLINE_SIMULATOR": SECRET,
            "HELPLINE_LOG_LEVEL": SECRET,
        }
        found = problems(tmp_path, **bad)
        assert [problem.split()[0] for problem in found] == list(bad)
        assert SECRET not in " ".join(found)

    def test_an_empty_one_means_the_default(self, tmp_path: Path) -> None:
        empty = dict.fromkeys((s.name for s in SETTINGS if s.name != "HELPLINE_DATA"), "")
        assert of(tmp_path, **empty) == of(tmp_path)

    def test_no_secret_is_shown(self, tmp_path: Path) -> None:
        config = of(
            tmp_path,
            DATABASE_URL=f"postgresql+psycopg://helpline:{SECRET}@db/helpline",
            REDIS_URL=f"rediss://:{SECRET}@redis",
        )
        assert SECRET in config.database_url
        assert SECRET in config.redis_url
        assert SECRET not in f"{config} {config!r}"

    def test_a_slash_at_the_end_of_the_public_address_is_dropped(self, tmp_path: Path) -> None:
        base = "https://help.example.org/helpline"
        assert of(tmp_path, PUBLIC_BASE_URL=f"{base}/").public_base_url == base

    def test_the_data_folder_is_absolute(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert Config.from_env({}).data == tmp_path / "var"


class TestBesideTheData:
    """`helpline.env` in the data folder: what the demo wrote holds for every later command."""

    @pytest.mark.parametrize(
        ("environment", "stored", "level"),
        [
            ("", "", "INFO"),
            ("", "WARNING", "WARNING"),
            ("ERROR", "WARNING", "ERROR"),
            ("ERROR", "", "ERROR"),
        ],
    )
    def test_it_is_below_the_environment_and_above_the_defaults(
        self, tmp_path: Path, environment: str, stored: str, level: str
    ) -> None:
        (tmp_path / "helpline.env").write_text(f"# a comment\n\nHELPLINE_LOG_LEVEL = {stored} \n")
        assert of(tmp_path, HELPLINE_LOG_LEVEL=environment).log_level == level

    def test_a_value_may_hold_an_equals_sign(self, tmp_path: Path) -> None:
        url = "postgresql+psycopg://h/d?sslmode=require"
        (tmp_path / "helpline.env").write_text(f"DATABASE_URL={url}\n")
        assert of(tmp_path).database_url == url

    def test_a_bad_value_in_it_is_reported_too(self, tmp_path: Path) -> None:
        (tmp_path / "helpline.env").write_text("HELPLINE_SIMULATOR=perhaps\n")
        assert problems(tmp_path) == ["HELPLINE_SIMULATOR must be on or off."]

    def test_one_that_is_no_text_is_reported(self, tmp_path: Path) -> None:
        (tmp_path / "helpline.env").write_bytes(b"HELPLINE_SIMULATOR=\xff\n")
        (problem,) = problems(tmp_path)
        assert "helpline.env" in problem

    def test_it_does_not_move_the_data_folder(self, tmp_path: Path) -> None:
        (tmp_path / "helpline.env").write_text("HELPLINE_DATA=/elsewhere\n")
        assert of(tmp_path).data == tmp_path


class TestTheExample:
    EXAMPLE = ROOT / "deploy" / "env.example"

    def test_it_lists_every_setting_with_its_meaning_and_default_in_order(self) -> None:
        lines = self.EXAMPLE.read_text(encoding="utf-8").splitlines()
        expected = [part for s in SETTINGS for part in (f"# {s.meaning}", f"{s.name}={s.default}")]
        assert lines == expected

    def test_it_can_be_used_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "helpline.env").write_bytes(self.EXAMPLE.read_bytes())
        assert of(tmp_path) == of(tmp_path / "other" / "..")


def written(*tables: Mapping[str, str]) -> str:
    return "\n".join(
        "[[channel]]\n" + "\n".join(f"{key} = {value}" for key, value in table.items() if value)
        for table in tables
    )


def channels(tmp_path: Path, text: str) -> dict[str, Channel]:
    path = tmp_path / "channels.toml"
    path.write_text(text, encoding="utf-8")
    return read_channels(path, IN_PATH, ("bt", "pk", "kh"))


def refusals(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as wrong:
        channels(tmp_path, text)
    assert SECRET not in f"{wrong.value} {wrong.value!r}"
    return wrong.value.problems


class TestChannels:
    def test_a_good_one(self, tmp_path: Path) -> None:
        table = {**GOOD, "budget": "{ ucs2 = 64 }", "api_key": f'"{SECRET}"', "timeout": "5"}
        (channel,) = channels(tmp_path, written(table)).values()
        assert (channel.name, channel.gateway) == ("bt-ussd", "africastalking-ussd")
        assert (channel.programme, channel.region, channel.address) == ("bt", "BT", "*1098#")
        assert (channel.budget.gsm7, channel.budget.ucs2, channel.budget.segments) == (160, 64, 1)
        assert channel.secrets == (SECRET,)
        assert channel.options == {"api_key": SECRET, "timeout": "5"}
        assert SECRET not in f"{channel} {channel!r}"

    @pytest.mark.parametrize(
        ("changed", "problem"),
        [
            ({"name": ""}, "name must be"),
            ({"name": '"BT ussd"'}, "name must be"),
            ({"name": f'"{"a" * 32}"'}, "name must be"),
            ({"name": '"../x"'}, "name must be"),
            ({"gateway": '"carrier-pigeon"'}, "gateway must be one of"),
            ({"programme": '"xx"'}, "programme must be one of bt, pk, kh."),
            ({"programme": '["bt"]'}, "programme must be one of bt, pk, kh."),
            ({"address": ""}, "address"),
            ({"address": "1098"}, "address"),
            ({"secrets": ""}, "secrets must hold"),
            ({"secrets": "[]"}, "secrets must hold"),
            ({"secrets": f'"{SECRET}"'}, "secrets must hold"),
            ({"secrets": f'["{SECRET}", "{SECRET}", "{SECRET}"]'}, "secrets must hold"),
            ({"secrets": '["hunter2"]'}, "a path secret must be 22 to 128"),
            ({"secrets": f'["{SECRET}/x"]'}, "a path secret must be 22 to 128"),
            ({"secrets": f'["{SECRET}", ""]'}, "every secret must be a text."),
            ({"secrets": f'["{SECRET}", 1]'}, "every secret must be a text."),
            ({"budget": "70"}, "budget takes"),
            ({"budget": "{ utf8 = 70 }"}, "budget takes"),
            ({"budget": "{ ucs2 = 20 }"}, "budget ucs2 must be between 40 and 80."),
            ({"budget": "{ gsm7 = 183 }"}, "budget gsm7 must be between 60 and 182."),
            ({"budget": "{ segments = 7 }"}, "budget segments must be between 1 and 6."),
            ({"budget": '{ segments = "3" }'}, "budget segments must be between 1 and 6."),
            ({"budget": "{ segments = true }"}, "budget segments must be between 1 and 6."),
        ],
    )
    def test_a_bad_one_is_named(
        self, tmp_path: Path, changed: dict[str, str], problem: str
    ) -> None:
        (found,) = refusals(tmp_path, written({**GOOD, **changed}))
        name = "no name" if changed.get("name") == "" else ""
        assert found.startswith(f"channel 1 ({name}")
        assert problem in found
        assert "hunter2" not in found

    def test_all_problems_of_all_channels_are_reported_together(self, tmp_path: Path) -> None:
        second = {"name": '"pk-sms"', "gateway": '"fax"', "secrets": '["hunter2"]'}
        found = refusals(tmp_path, written({**GOOD, "programme": '"xx"'}, second, GOOD, GOOD))
        assert [problem.partition(":")[0] for problem in found] == [
            "channel 1 (bt-ussd)",
            *["channel 2 (pk-sms)"] * 4,
            "channel 4 (bt-ussd)",
        ]
        assert "twice" in found[-1]
        assert "hunter2" not in " ".join(found)

    def test_a_signed_channel_takes_the_providers_own_token(self, tmp_path: Path) -> None:
        (channel,) = channels(
            tmp_path, written({**GOOD, "gateway": '"twilio-sms"', "secrets": '["short"]'})
        ).values()
        assert channel.secrets == ("short",)

    @pytest.mark.parametrize(
        "text",
        [
            f"[[channel]\nsecrets = ['{SECRET}']",
            f"secrets = ['{SECRET}",
            f"[channel]\nsecrets = ['{SECRET}']",
            f"channel = '{SECRET}'",
            f"channel = ['{SECRET}']",
            "channel = 1",
        ],
    )
    def test_a_file_of_another_form_is_one_sentence(self, tmp_path: Path, text: str) -> None:
        (problem,) = refusals(tmp_path, text)
        assert "channels.toml" in problem or problem.startswith("channel 1")

    def test_a_file_that_is_not_utf_8_is_one_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "channels.toml"
        path.write_bytes(f"secrets = '{SECRET}\xff'".encode("latin-1"))
        with pytest.raises(ConfigError, match=r"channels\.toml is not valid TOML\.$"):
            read_channels(path, IN_PATH, ("bt",))

    def test_no_file_names_the_example(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"see deploy/channels\.toml"):
            read_channels(tmp_path / "channels.toml", IN_PATH, ("bt",))

    def test_simulator_channels_are_dropped_in_a_real_deployment(self, tmp_path: Path) -> None:
        table = {**GOOD, "name": '"bt-sim"', "gateway": '"simulator"'}
        (tmp_path / "channels.toml").write_text(written(GOOD, table))
        assert [*runtime.channels_of(of(tmp_path))] == ["bt-ussd"]
        on = of(tmp_path, HELPLINE_SIMULATOR="on")
        assert [*runtime.channels_of(on)] == ["bt-ussd", "bt-sim"]


class TestKeyRing:
    def test_a_lost_key_ring_beside_a_record_is_never_replaced(self, tmp_path: Path) -> None:
        config = of(tmp_path)
        runtime.initialise(config)
        runtime.initialise(config)  # safe to repeat
        assert config.keys_file.stat().st_mode & 0o777 == 0o600
        config.keys_file.unlink()
        with pytest.raises(ConfigError, match="restore it from backup"):
            runtime.initialise(config)
        assert not config.keys_file.exists()

    def test_no_key_ring_says_what_makes_one(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="`helpline init` makes one"):
            runtime.build(of(tmp_path), receiving=False)
