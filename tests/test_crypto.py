"""Sealed content opens only whole, in its place and with its key, and tells nothing when not."""

import base64
import hashlib
import hmac
import itertools
import json
import os
import traceback
from collections.abc import Callable
from functools import partial

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from helpline.core.errors import ConfigError, SealBroken
from helpline.crypto import Keyring, Sealer, WrappedKey, new_keyring

K1, K2, I1, I2 = (bytes([n]) * 32 for n in (0xA1, 0xA2, 0xB1, 0xB2))
NUMBER = "+97510123456"
SECRET = "the neighbour hears everything"
STORY: dict[str, object] = {"story": SECRET, "number": NUMBER, "ring": ["after 18:00", None, 2]}
CASE, FIELD = "case-7", "story"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)  # fmt: skip


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def ring_text(**changes: object) -> str:
    ring: dict[str, object] = {
        "primary": "k1",
        "data": {"k1": b64(K1)},
        "index_epoch": 1,
        "index": {"1": b64(I1)},
    }
    return json.dumps(ring | changes)


def sealer(primary: str = "k1", **data: bytes) -> Sealer:
    return Sealer(Keyring(primary, data or {"k1": K1}, 1, {1: I1}), os.urandom)


def sealed_story() -> tuple[Sealer, WrappedKey, bytes]:
    box = sealer()
    wrapped = box.new_case_key(CASE)
    return box, wrapped, box.seal(CASE, FIELD, wrapped, STORY)


def dek_of(wrapped: str) -> bytes:
    """Reads the stored format by hand, apart from the code under test."""
    entry = json.loads(wrapped)[0]
    nonce, body = base64.b64decode(entry["nonce"]), base64.b64decode(entry["wrapped"])
    return AESGCM(K1).decrypt(nonce, body, f"helpline.dek|1|{CASE}|service:k1".encode())


def by_hand(wrapped: str, aad: str, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return b"\x01\x01" + nonce + AESGCM(dek_of(wrapped)).encrypt(nonce, plain, aad.encode())


def padded(body: bytes) -> bytes:
    framed = len(body).to_bytes(4, "big") + body
    return framed + bytes(-len(framed) % 512)


def refused(call: Callable[[], object]) -> SealBroken:
    with pytest.raises(SealBroken) as caught:
        call()
    error = caught.value
    assert str(error) == "Sealed content does not open."
    assert error.__cause__ is None
    assert error.__context__ is None
    return error


# --- content -----------------------------------------------------------------------------------


@given(content=st.dictionaries(st.text(), JSON_VALUES))
def test_what_is_sealed_comes_back(content: dict[str, object]) -> None:
    box = sealer()
    wrapped = box.new_case_key(CASE)
    assert box.open(CASE, FIELD, wrapped, box.seal(CASE, FIELD, wrapped, content)) == content


@pytest.mark.parametrize("text", ["\ud83d", "\\ud83d", 'a"\udc80\\', "ཇོ་མོ", "ខ្មែរ", "اردو", ""])
def test_any_text_a_phone_can_send_is_kept(text: str) -> None:
    box, wrapped, _ = sealed_story()
    sealed = box.seal(CASE, FIELD, wrapped, {"story": text})
    assert box.open(CASE, FIELD, wrapped, sealed) == {"story": text}


@given(length=st.integers(0, 1700))
def test_a_length_shows_only_in_buckets_of_512(length: int) -> None:
    box = sealer()
    wrapped = box.new_case_key(CASE)
    size = len(box.seal(CASE, FIELD, wrapped, {"s": "x" * length})) - (1 + 1 + 12 + 16)
    body = 4 + len('{"s":""}') + length
    assert size == -(-body // 512) * 512


@pytest.mark.parametrize(("length", "buckets"), [(0, 1), (500, 1), (501, 2), (1012, 2), (1013, 3)])
def test_bucket_edges(length: int, buckets: int) -> None:
    box, wrapped, _ = sealed_story()
    sealed = box.seal(CASE, FIELD, wrapped, {"s": "x" * length})
    assert len(sealed) == 30 + 512 * buckets
    assert box.open(CASE, FIELD, wrapped, sealed) == {"s": "x" * length}


def test_the_stored_format_is_the_written_one() -> None:
    _, wrapped, sealed = sealed_story()
    assert sealed[:2] == b"\x01\x01"
    plain = AESGCM(dek_of(wrapped)).decrypt(
        sealed[2:14], sealed[14:], f"helpline.case|1|{CASE}|{FIELD}|1".encode()
    )
    body = json.dumps(STORY, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert plain == padded(body)
    entries = json.loads(wrapped)
    assert [sorted(entry) for entry in entries] == [["nonce", "recipient", "wrapped"]]
    assert json.dumps(entries, sort_keys=True, separators=(",", ":")) == wrapped
    assert len(dek_of(wrapped)) == 32


def test_two_seals_of_one_story_differ() -> None:
    box, wrapped, sealed = sealed_story()
    assert box.seal(CASE, FIELD, wrapped, STORY) != sealed
    assert box.new_case_key(CASE) != wrapped


GOOD_AAD = f"helpline.case|1|{CASE}|{FIELD}|1"


@pytest.mark.parametrize(
    "aad",
    [
        f"helpline.dek|1|{CASE}|{FIELD}|1",
        f"helpline.case|2|{CASE}|{FIELD}|1",
        f"helpline.case|1|case-8|{FIELD}|1",
        f"helpline.case|1|{CASE}|notes|1",
        f"helpline.case|1|{CASE}|{FIELD}|2",
        "",
    ],
)
def test_every_part_of_the_aad_binds(aad: str) -> None:
    box, wrapped, _ = sealed_story()
    assert box.open(CASE, FIELD, wrapped, by_hand(wrapped, GOOD_AAD, padded(b"{}"))) == {}
    refused(lambda: box.open(CASE, FIELD, wrapped, by_hand(wrapped, aad, padded(b"{}"))))


def test_another_case_field_or_key_does_not_open() -> None:
    box, wrapped, sealed = sealed_story()
    refused(lambda: box.open("case-8", FIELD, wrapped, sealed))
    refused(lambda: box.open(CASE, "notes", wrapped, sealed))
    refused(lambda: box.open(CASE, FIELD, box.new_case_key(CASE), sealed))
    refused(lambda: box.open(CASE, FIELD, box.new_case_key("case-8"), sealed))
    refused(lambda: sealer("k2", k2=K2).open(CASE, FIELD, wrapped, sealed))
    refused(lambda: sealer("k1", k1=K2).open(CASE, FIELD, wrapped, sealed))


@given(bit=st.integers(0, (30 + 512) * 8 - 1))
def test_one_flipped_bit_is_noticed(bit: int) -> None:
    box, wrapped, sealed = sealed_story()
    altered = bytearray(sealed)
    altered[bit // 8] ^= 1 << bit % 8
    refused(lambda: box.open(CASE, FIELD, wrapped, bytes(altered)))


def test_every_bit_of_version_epoch_and_nonce_is_bound() -> None:
    box, wrapped, sealed = sealed_story()
    for bit in range(14 * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        refused(partial(box.open, CASE, FIELD, wrapped, bytes(altered)))


@given(part=st.sampled_from(["nonce", "wrapped"]), data=st.data())
def test_one_flipped_bit_in_the_wrapped_key_is_noticed(part: str, data: st.DataObject) -> None:
    box, wrapped, sealed = sealed_story()
    entries = json.loads(wrapped)
    raw = bytearray(base64.b64decode(entries[0][part]))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    entries[0][part] = b64(bytes(raw))
    refused(lambda: box.open(CASE, FIELD, json.dumps(entries), sealed))


@pytest.mark.parametrize("keep", [0, 1, 2, 13, 14, 30, 541])
def test_cut_bytes_do_not_open(keep: int) -> None:
    box, wrapped, sealed = sealed_story()
    refused(lambda: box.open(CASE, FIELD, wrapped, sealed[:keep]))
    refused(lambda: box.open(CASE, FIELD, wrapped, sealed + b"\0"))


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0",
        padded(b"[]"),
        padded(b"not json"),
        padded(b'{"a":"\xff"}'),
        padded(b"[" * 100_000),
        (600).to_bytes(4, "big") + bytes(508),
        padded(b"{}")[:-1] + b"\x01",
    ],
)
def test_a_wrong_body_under_the_right_key_does_not_open(plain: bytes) -> None:
    box, wrapped, _ = sealed_story()
    refused(lambda: box.open(CASE, FIELD, wrapped, by_hand(wrapped, GOOD_AAD, plain)))


@pytest.mark.parametrize(
    "wrapped",
    [
        "",
        "null",
        "{}",
        "[]",
        "[1]",
        "[{}]",
        "not json",
        "[" * 100_000,
        '[{"recipient":1}]',
        '[{"recipient":"service:k1"}]',
        '[{"recipient":"service:k1","nonce":"","wrapped":""}]',
        '[{"recipient":"service:k1","nonce":7,"wrapped":"*"}]',
        '[{"recipient":"service:k9","nonce":"AAAA","wrapped":"AAAA"}]',
    ],
)
def test_an_erased_or_unreadable_key_opens_seals_and_rewraps_nothing(wrapped: str) -> None:
    box, _, sealed = sealed_story()
    refused(lambda: box.open(CASE, FIELD, wrapped, sealed))
    refused(lambda: box.seal(CASE, FIELD, wrapped, STORY))
    refused(lambda: box.rewrap(CASE, wrapped))


@pytest.mark.parametrize("name", ["", "a|b", "|"])
def test_a_name_that_could_shift_the_aad_is_refused(name: str) -> None:
    box, wrapped, sealed = sealed_story()
    with pytest.raises(ValueError, match="case id or field"):
        box.new_case_key(name)
    with pytest.raises(ValueError, match="case id or field"):
        box.seal(CASE, name, wrapped, STORY)
    with pytest.raises(ValueError, match="case id or field"):
        box.seal(name, FIELD, wrapped, STORY)
    refused(lambda: box.rewrap(name, wrapped))
    refused(lambda: box.open(name, FIELD, wrapped, sealed))
    refused(lambda: box.open(CASE, name, wrapped, sealed))


def test_content_that_is_not_json_is_refused_without_being_told() -> None:
    box, wrapped, _ = sealed_story()
    for wrong in (float("nan"), object(), {SECRET}):
        with pytest.raises((TypeError, ValueError)) as caught:
            box.seal(CASE, FIELD, wrapped, {"story": SECRET, "x": wrong})
        assert SECRET not in str(caught.value)


# --- rotation ----------------------------------------------------------------------------------


def test_a_new_primary_still_opens_and_a_rewrap_outlives_the_old_key() -> None:
    _, wrapped, sealed = sealed_story()
    both, new = sealer("k2", k1=K1, k2=K2), sealer("k2", k2=K2)
    assert both.open(CASE, FIELD, wrapped, sealed) == STORY
    again = both.rewrap(CASE, wrapped)
    assert [entry["recipient"] for entry in json.loads(again)] == ["service:k2"]
    assert new.open(CASE, FIELD, again, sealed) == STORY
    refused(lambda: new.open(CASE, FIELD, wrapped, sealed))
    refused(lambda: new.rewrap(CASE, wrapped))
    refused(lambda: sealer().open(CASE, FIELD, again, sealed))
    refused(lambda: both.rewrap("case-8", wrapped))


def test_a_rewrap_with_nothing_due_changes_nothing() -> None:
    box, wrapped, _ = sealed_story()
    assert box.rewrap(CASE, wrapped) == wrapped


def test_other_recipients_are_carried_along_untouched() -> None:
    _, wrapped, sealed = sealed_story()
    desk = {"recipient": "desk:thimphu", "ephemeral": "AAAA", "wrapped": "BBBB", "alg": "x"}
    listed = json.dumps([*json.loads(wrapped), desk])
    both = sealer("k2", k1=K1, k2=K2)
    assert both.open(CASE, FIELD, listed, sealed) == STORY
    again = json.loads(both.rewrap(CASE, listed))
    assert [entry["recipient"] for entry in again] == ["service:k2", "desk:thimphu"]
    assert again[1] == desk
    assert both.rewrap(CASE, json.dumps(again)) == json.dumps(again)


# --- sessions ----------------------------------------------------------------------------------


@given(name=st.text(), payload=st.binary(max_size=300))
def test_a_session_comes_back_unpadded(name: str, payload: bytes) -> None:
    box = sealer()
    sealed = box.seal_session(name, payload)
    assert box.open_session(name, sealed) == payload
    assert len(sealed) == 1 + 12 + len(payload) + 16
    refused(lambda: box.open_session(name + "x", sealed))


@given(bit=st.integers(0, (29 + 5) * 8 - 1))
def test_an_altered_session_does_not_open(bit: int) -> None:
    box = sealer()
    altered = bytearray(box.seal_session("s", b"hello"))
    altered[bit // 8] ^= 1 << bit % 8
    refused(lambda: box.open_session("s", bytes(altered)))


def test_sessions_open_with_any_key_of_the_ring_and_no_other() -> None:
    sealed = sealer().seal_session("s", b"hello")
    assert sealer("k2", k1=K1, k2=K2).open_session("s", sealed) == b"hello"
    refused(lambda: sealer("k2", k2=K2).open_session("s", sealed))
    refused(lambda: sealer().open_session("s", b""))


def test_the_session_key_is_hkdf_sha256_of_the_primary() -> None:
    sealed = sealer().seal_session("s", b"hello")
    extracted = hmac.digest(bytes(32), K1, hashlib.sha256)  # RFC 5869 sections 2.2 and 2.3
    derived = hmac.digest(extracted, b"helpline.session|1\x01", hashlib.sha256)
    assert AESGCM(derived).decrypt(sealed[1:13], sealed[13:], b"s") == b"hello"


# --- blind index -------------------------------------------------------------------------------


def indexer(current: int) -> Sealer:
    return Sealer(Keyring("k1", {"k1": K1}, current, {1: I1, 2: I2, 255: K2}), os.urandom)


def test_a_blind_index_is_the_epoch_and_the_hmac() -> None:
    expected = "01" + hmac.new(I1, NUMBER.encode(), hashlib.sha256).hexdigest()
    assert indexer(1).blind_index(NUMBER) == expected == sealer().blind_index(NUMBER)


def test_every_epoch_is_searched_and_the_current_one_comes_first() -> None:
    first, second = indexer(1).blind_indexes(NUMBER), indexer(2).blind_indexes(NUMBER)
    assert [value[:2] for value in first] == ["01", "ff", "02"]
    assert [value[:2] for value in second] == ["02", "ff", "01"]
    assert set(first) == set(second)
    assert len({value[2:] for value in first}) == 3
    assert indexer(2).blind_index(NUMBER) == second[0]


def test_two_numbers_have_two_indexes() -> None:
    assert sealer().blind_index(NUMBER) != sealer().blind_index("+97510123457")


@pytest.mark.parametrize(
    "number", ["", "17123456", "+0975", "+975 17123456", f"{NUMBER}\n", "+១២៣"]
)
def test_a_number_in_another_form_would_never_be_found_and_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"^a blind index takes a number in E\.164 form$"):
        sealer().blind_index(number)


# --- blind text ---------------------------------------------------------------------------------


def test_a_blind_text_is_the_epoch_and_the_hmac_under_a_key_of_its_purpose() -> None:
    extracted = hmac.digest(bytes(32), I1, hashlib.sha256)  # RFC 5869 sections 2.2 and 2.3
    derived = hmac.digest(extracted, b"helpline.blind|1|throttle\x01", hashlib.sha256)
    expected = "01" + hmac.new(derived, SECRET.encode(), hashlib.sha256).hexdigest()
    assert sealer().blind_text("throttle", SECRET) == expected


def test_a_blind_text_differs_by_text_purpose_and_key_and_from_a_numbers_index() -> None:
    found = {
        sealer().blind_text("throttle", NUMBER),
        sealer().blind_text("throttle", SECRET),
        sealer().blind_text("other", NUMBER),
        indexer(2).blind_text("throttle", NUMBER),
        sealer().blind_index(NUMBER),
    }
    assert len(found) == 5


@pytest.mark.parametrize("text", ["", "\ud83d", "ཇོ་མོ", "x" * 10_000])
def test_any_text_has_a_blind_text_of_one_length(text: str) -> None:
    assert len(sealer().blind_text("throttle", text)) == 66


# --- the key ring ------------------------------------------------------------------------------


def test_a_ring_is_read() -> None:
    ring = Keyring.parse(ring_text(data={"k1": b64(K1), "k2": b64(K2)}))
    assert (ring.primary, dict(ring.data)) == ("k1", {"k1": K1, "k2": K2})
    assert (ring.index_epoch, dict(ring.index)) == (1, {1: I1})


def test_a_fresh_ring_is_read_and_differs_each_time() -> None:
    assert new_keyring(os.urandom) != (text := new_keyring(os.urandom))
    assert Keyring.parse(text).primary == "k1"
    with pytest.raises(ConfigError, match="is the same as"):
        new_keyring(bytes)


def test_a_ring_cannot_be_changed_from_outside() -> None:
    data = {"k1": K1}
    ring = Keyring("k1", data, 1, {1: I1})
    data["k2"] = K2
    assert list(ring.data) == ["k1"]
    with pytest.raises(TypeError):
        ring.data["k3"] = K2  # type: ignore[index]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"primary": "k2"}, "The primary is not the id of a data key."),
        ({"primary": 1}, "The primary is not the id of a data key."),
        ({"index_epoch": 2}, "The index_epoch is not the number of an index key."),
        ({"index_epoch": True}, "The index_epoch is not the number of an index key."),
        ({"index_epoch": "1"}, "The index_epoch is not the number of an index key."),
        ({"data": {"k1": b64(K1[:31])}}, "The data key k1 is not 32 bytes in base64."),
        ({"data": {"k1": K1.hex()}}, "The data key k1 is not 32 bytes in base64."),
        ({"data": {"k1": None}}, "The data key k1 is not 32 bytes in base64."),
        ({"index": {"1": "*"}}, "The index key 1 is not 32 bytes in base64."),
        (
            {"index": {"1": b64(K1)}},
            "The index key 1 is the same as the data key k1; each must differ.",
        ),
        (
            {"data": {"k1": b64(K1), "k2": b64(K1)}},
            "The data key k2 is the same as the data key k1; each must differ.",
        ),
        (
            {"data": {"k1": b64(K1), "a|b": b64(K2)}},
            "The data key in place 2 needs 1 to 24 letters, digits, _ . or - as its name.",
        ),
        *(
            (
                {"index": {"1": b64(I1), epoch: b64(I2)}},
                "The index key in place 2 needs a number from 1 to 255 as its name.",
            )
            for epoch in ("0", "256", "01", "-1", "១", "x")
        ),
        (
            {"extra": 1},
            "The key ring has an entry besides data, index, index_epoch, primary.",
        ),
    ],
)
def test_one_thing_wrong_is_one_sentence(changes: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(ring_text(**changes))
    assert caught.value.problems == [problem]


def test_everything_wrong_is_told_at_once() -> None:
    text = ring_text(
        primary="k9",
        data={"k1": "short", b64(K2): b64(K1)},
        index_epoch=9,
        index={"300": b64(K1)},
        salt=b64(I2),
    ).replace('"salt"', '"index_epoch": 9, "salt"')
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(text)
    assert caught.value.problems == [
        "The key ring has a name twice in one object.",
        "The key ring has an entry besides data, index, index_epoch, primary.",
        "The data key k1 is not 32 bytes in base64.",
        "The data key in place 2 needs 1 to 24 letters, digits, _ . or - as its name.",
        "The index key in place 1 needs a number from 1 to 255 as its name.",
        "The index key in place 1 is the same as the data key in place 2; each must differ.",
        "The primary is not the id of a data key.",
        "The index_epoch is not the number of an index key.",
    ]


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, f'{{"{b64(K1)}'])
def test_text_that_is_no_ring_is_one_problem(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(text)
    assert caught.value.problems == ["The key ring is not a JSON object."]
    assert caught.value.__context__ is None


def test_an_empty_ring_misses_everything() -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.parse('{"data": [], "index": 3}')
    assert len(caught.value.problems) == 4


def test_a_ring_built_in_code_obeys_the_same_rules() -> None:
    with pytest.raises(ConfigError, match="is the same as"):
        Keyring("k1", {"k1": K1}, 1, {1: K1})


# --- nothing leaks -----------------------------------------------------------------------------


def shapes_of(key: bytes) -> list[str]:
    return [b64(key), b64(key)[:16], key.hex()[:16], repr(key)[2:-1][:16], SECRET, NUMBER]


def test_reprs_show_ids_and_no_key() -> None:
    ring = Keyring("k2", {"k1": K1, "k2": K2}, 2, {1: I1, 2: I2})
    assert repr(ring) == "Keyring(primary='k2', data=['k1', 'k2'], index_epoch=2, index=[1, 2])"
    shown = repr(ring) + str(ring) + f"{ring}" + repr(Sealer(ring, os.urandom))
    leaks = itertools.chain.from_iterable(shapes_of(key) for key in (K1, K2, I1, I2))
    assert not [leak for leak in leaks if leak in shown]


@pytest.mark.parametrize(
    "text",
    [
        ring_text(data={b64(K1): "k1"}, primary=b64(K1)),
        ring_text(data={"k1": b64(K1) + "="}, index={"1": b64(K1)}),
        ring_text(index={b64(I1): 1}, index_epoch=b64(I1)),
        ring_text(**{b64(K1): 1}),
        ring_text()[:-1],
    ],
)
def test_a_bad_ring_never_repeats_what_may_be_a_key(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.parse(text)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not [leak for key in (K1, I1) for leak in shapes_of(key) if leak in shown]
    assert caught.value.__context__ is None


def test_a_broken_seal_shows_nothing_in_its_traceback() -> None:
    box, wrapped, sealed = sealed_story()
    error = refused(lambda: box.open(CASE, "notes", wrapped, sealed))
    shown = "".join(traceback.format_exception(error)) + repr(error)
    keys = (K1, dek_of(wrapped))
    assert not [leak for key in keys for leak in shapes_of(key) if leak in shown]
