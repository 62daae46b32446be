"""Export and restore: the same objects, whatever they are."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.bucket.store import Store

WORDS = st.text(max_size=8)
MAPS = st.dictionaries(WORDS, WORDS, max_size=3)
OBJECTS = st.fixed_dictionaries(
    {
        "bucket": WORDS,
        "key": WORDS,
        "content_type": WORDS,
        "stored_at_ms": st.integers(-(2**40), 2**50),
        "headers": MAPS,
        "metadata": MAPS,
        "tags": MAPS,
        "storage_class": WORDS,
        "acl": WORDS,
        "checksums": MAPS,
    }
)


def filled(objects: list[tuple[dict[str, Any], bytes]]) -> Store:
    store = Store()
    for attributes, data in objects:
        with store.draft() as draft:
            draft.write(data)
            draft.commit(**attributes)
    return store


@given(st.lists(st.tuples(OBJECTS, st.binary(max_size=64)), max_size=5))
@settings(max_examples=50, deadline=None)
def test_what_was_exported_is_restored(objects: list[tuple[dict[str, Any], bytes]]) -> None:
    store, other = filled(objects), filled([({**PLAIN, "key": "before"}, b"gone")])
    exported = list(store.export())
    other.restore(exported)
    assert list(other.export()) == exported
    assert [told["bytes"] for told in exported] == [store.read(stored) for stored in store]
    assert {record.name for record in other.buckets} == {told["bucket"] for told in exported}
    store.close()
    other.close()


PLAIN: dict[str, Any] = {"bucket": "b", "key": "k", "content_type": "text/plain", "stored_at_ms": 5}


def test_an_export_is_plain() -> None:
    store = filled([({**PLAIN, "metadata": {"a": "b"}}, b"meow")])
    assert list(store.export()) == [
        {
            "bucket": "b",
            "key": "k",
            "content_type": "text/plain",
            "headers": {},
            "metadata": {"a": "b"},
            "tags": {},
            "storage_class": "STANDARD",
            "acl": "private",
            "checksums": {},
            "stored_ms": 5,
            "etag": "4a4be40c96ac6314e91d93f38043a634",
            "bytes": b"meow",
        }
    ]
    store.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"key": None}, "object 1: 'key' must be str, not None"),
        ({"bytes": "meow"}, "object 1: 'bytes' must be bytes"),
        ({"stored_ms": "5"}, "object 1: 'stored_ms' must be int"),
        ({"tags": []}, "object 1: 'tags' must be dict"),
        ({"etag": "x"}, "object 1: 'etag' is not the MD5"),
    ],
)
def test_what_was_not_exported_changes_nothing(change: dict[str, Any], told: str) -> None:
    store = filled([(PLAIN, b"meow"), ({**PLAIN, "key": "other"}, b"woof")])
    before = list(store.export())
    with pytest.raises(ValueError, match=told):
        store.restore([before[0], {**before[1], **change}])
    assert list(store.export()) == before
    assert store._directory is not None
    assert len(list(store._directory.iterdir())) == 2
    store.close()


def test_a_store_can_be_restored_from_itself() -> None:
    store = filled([(PLAIN, b"meow")])
    store.restore(store.export())
    assert [store.read(stored) for stored in store] == [b"meow"]
    store.close()


def test_what_is_handed_in_may_be_changed_afterwards() -> None:
    store = filled([(PLAIN, b"meow")])
    (told,) = store.export()
    store.restore([told])
    told["tags"]["a"] = "1"
    assert [dict(stored.tags) for stored in store] == [{}]
    store.close()


def test_what_is_no_matter_of_the_bytes_can_be_changed() -> None:
    store = filled([(PLAIN, b"meow"), ({**PLAIN, "key": "other"}, b"woof")])
    first = next(iter(store))
    changed = store.change(first, tags={"a": "1"})
    assert [(stored.key, dict(stored.tags)) for stored in store] == [("k", {"a": "1"}), ("other", {})]
    assert store.read(changed) == b"meow"
    with pytest.raises(LookupError):
        store.change(first, tags={})
    store.close()
