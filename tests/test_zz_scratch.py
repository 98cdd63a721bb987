import logging
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.private import PRIVATE_WORDS


@pytest.mark.parametrize("n", range(3))
def test_db(database_url, n):
    e = create_engine(database_url)
    with e.begin() as c:
        assert inspect(c).get_table_names() == []
        c.execute(text("create table x(a int)"))
    if n:
        e.dispose()


def test_redis(redis_url):
    pass


def test_fail_print():
    print("+97517000001")


def test_fail_err():
    sys.stderr.write(PRIVATE_WORDS[2])


def test_fail_sub():
    subprocess.run(["echo", "x=%2B97517000001"])


def test_fail_log():
    logging.getLogger("helpline.x").info("hi", extra={"n": "+85510000001"})


def test_fail_exc():
    try:
        raise ValueError("my-secret-words")
    except ValueError:
        logging.getLogger("helpline.x").exception("x")


def test_fail_capsys(capsys):
    print("+97517000001")
    assert "+975" in capsys.readouterr().out


def test_fail_capfdbinary(capfdbinary):
    print("+97517000001")
    assert b"+975" in capfdbinary.readouterr().out


@pytest.mark.shows_private
def test_ok(capsys):
    print("+97517000001")


def test_ok2(capsys):
    print("hello")
    assert capsys.readouterr().out == "hello\n"


def test_shown():
    print("SHOWN OUT")
    assert 0
