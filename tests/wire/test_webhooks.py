"""What receivers are told: types, keys in their order, both generations of the payload."""

import json
from typing import Any

import pytest

from mockleo.core.generations import Generation, delete_generation, order_generation
from mockleo.core.lifecycle import Fate
from mockleo.core.world import Ended
from mockleo.runtime.webhooks import Letter, Mischief
from mockleo.wire.webhooks import Author, event_of, headers, payload
from tests.contracts.documents import reference
from tests.core.worlds import a_world, an_order, the_rules

from .ends import (
    BASE,
    HOOK_KEY,
    KEY,
    LINKS,
    REPORTED,
    UNREPORTED,
    URL,
    Act,
    a_hook,
    a_place,
    an_end,
    last_end,
    the_end_of,
    with_value,
)

Json = Any

TODAY = "webhook.image_generation.complete.2026.json"
OF_2023 = "webhook.image_generation.complete.docs-2023.json"


def told(ended: Ended, **given: Any) -> Json:
    """The whole payload."""
    type_ = event_of(ended.job, the_rules()) or ""
    return json.loads(payload(ended, **{"type_": type_, "rules": the_rules(), "links": LINKS, **given}))


def the_object(ended: Ended, **given: Any) -> Json:
    return told(ended, **given)["data"]["object"]


@pytest.mark.parametrize("name", REPORTED)
def test_the_end_of_a_job_is_reported_under_its_type(name: str) -> None:
    act, type_ = REPORTED[name]
    assert event_of(the_end_of(act).job, the_rules()) == type_


@pytest.mark.parametrize("name", UNREPORTED)
def test_what_nobody_has_seen_reported_is_not(name: str) -> None:
    assert event_of(the_end_of(UNREPORTED[name]).job, the_rules()) is None


@pytest.mark.parametrize(
    ("rule", "value", "name", "type_"),
    [
        ("webhooks.failed_type", "complete", "failed images", "image_generation.complete"),
        ("webhooks.failed_type", "complete", "a failed video", "video_generation.complete"),
        ("webhooks.failed_type", "complete", "images", "image_generation.complete"),
        ("webhooks.failed_type", "complete", "a failed enlarging", "post_processing.complete"),
        (
            "webhooks.post_processing_type",
            "post_processing.completed",
            "upscaled",
            "post_processing.completed",
        ),
    ],
)
def test_what_is_not_certain_can_be_switched(rule: str, value: str, name: str, type_: str) -> None:
    rules = with_value(the_rules(), rule, value)
    assert event_of(the_end_of(REPORTED[name][0]).job, rules) == type_


@pytest.mark.parametrize("name", ["failed images", "a failed video", "a failed enlarging"])
def test_what_has_failed_says_so_and_brings_nothing(name: str) -> None:
    thing = the_object(the_end_of(REPORTED[name][0]))
    assert thing["status"] == "FAILED"
    assert thing.get("images", []) == []
    assert thing.get("url") is None


def keys_of(thing: Json) -> Json:
    """The keys of everything within, in their order."""
    if isinstance(thing, dict):
        return [(key, keys_of(value)) for key, value in thing.items()]
    return [keys_of(thing[0])] if isinstance(thing, list) and thing else None


@pytest.mark.parametrize("name", ["images", "images of lucid"])
def test_the_keys_are_those_that_were_recorded_in_their_order(name: str) -> None:
    recorded = json.loads(reference(f"recordings/{TODAY}").read_text())
    assert keys_of(told(the_end_of(REPORTED[name][0]))) == keys_of(recorded)


def test_the_keys_of_2023_are_those_that_were_recorded_in_their_order() -> None:
    recorded = json.loads(reference(f"recordings/{OF_2023}").read_text())
    assert keys_of(told(the_end_of(REPORTED["images"][0]), legacy=True)) == keys_of(recorded["body"])


def test_what_was_recorded_is_told_of_the_same_order() -> None:
    """Everything but ids, times, and what is not known of the model."""
    recorded = json.loads(reference(f"recordings/{TODAY}").read_text())["data"]["object"]
    ended = an_end(
        prompt=recorded["prompt"],
        modelId=recorded["modelId"],
        width=1920,
        height=1080,
        num_images=1,
        alchemy=False,
        ultra=False,
        guidance_scale=3.5,
        seed=recorded["seed"],
        styleUUID=recorded["styleUUID"],
    )
    ours = the_object(ended, true_to_the_wire=True)
    other = {"id", "createdAt", "updatedAt", "userId", "model", "images"}
    unlike = {
        key: (ours[key], recorded[key]) for key in recorded if key not in other and ours[key] != recorded[key]
    }
    assert unlike == {}
    assert ours["model"]["sdVersion"] == recorded["model"]["sdVersion"]
    assert ours["images"][0]["url"].rpartition("/")[2] == recorded["images"][0]["url"].rpartition("/")[2]


def test_the_envelope_tells_when_the_job_ended() -> None:
    ended = an_end()
    whole = told(ended)
    assert [whole[key] for key in ("object", "timestamp", "api_version")] == [
        "generation", ended.at_ms, "v1",
    ]  # fmt: skip
    thing = whole["data"]["object"]
    assert thing["updatedAt"].endswith("Z")
    assert thing["createdAt"] < thing["updatedAt"]


def test_urls_lead_to_the_emulator() -> None:
    for name in ("images", "a video", "upscaled", "a video enlarged"):
        thing = the_object(the_end_of(REPORTED[name][0]))
        urls = [thing["url"]] if "url" in thing else [image["url"] for image in thing["images"]]
        assert urls
        assert all(url.startswith(f"{BASE}/cdn/") for url in urls)


def test_a_video_has_its_file_and_a_poster_in_both_generations() -> None:
    ended = the_end_of(REPORTED["a video"][0])
    for legacy in (False, True):
        image = the_object(ended, legacy=legacy)["images"][0]
        assert image["motionMP4URL"].endswith(".mp4")
        assert image["url"].endswith(".jpg")
    assert the_object(ended)["textToVideo"] is True
    assert "motionMP4URL" not in the_object(an_end(), legacy=True)["images"][0]


def test_numbers_were_text_in_2023_and_both_secrets_were_told() -> None:
    ended = an_end(seed=7)
    today, then = the_object(ended), the_object(ended, legacy=True)
    assert (today["seed"], then["seed"]) == (7, "7")
    assert then["apiDollarCost"] == str(today["apiDollarCost"])
    assert then["apiKeyId"] == then["apiKey"]["id"] == ended.key.id
    assert (then["apiKey"]["key"], then["apiKey"]["webhookCallbackApiKey"]) == (KEY, HOOK_KEY)
    assert (then["apiKey"]["name"], then["apiKey"]["webhookCallbackUrl"]) == ("mine", URL)


@pytest.mark.parametrize("name", REPORTED)
def test_todays_payload_tells_no_secret(name: str) -> None:
    raw = json.dumps(told(the_end_of(REPORTED[name][0])))
    assert "canary" not in raw


@pytest.mark.parametrize(
    ("fate", "says"),
    [
        (Fate(status="IN_PROGRESS"), lambda thing: thing["status"] == "IN_PROGRESS"),
        (Fate(sd_version="NEW_9"), lambda thing: thing["sdVersion"] == "NEW_9"),
        (Fate(nsfw=True), lambda thing: thing["nsfw"] and all(image["nsfw"] for image in thing["images"])),
        (Fate(images=1), lambda thing: len(thing["images"]) == 1 and thing["quantity"] == 2),
        (Fate(images=0), lambda thing: thing["images"] == [] and thing["status"] == "COMPLETE"),
        (Fate(null=True), lambda thing: thing is None),
        (Fate(), lambda thing: thing["status"] == "COMPLETE" and len(thing["images"]) == 2),
    ],
)
def test_the_fate_of_a_job_is_told(fate: Fate, says: Any) -> None:
    assert says(the_object(an_end(fate=fate, num_images=2)))


def test_what_was_shown_early_and_failed_is_not_told() -> None:
    world, account = a_place()
    world.fate = Fate(partial=1, fails=True)
    generation = order_generation(world, account, an_order(num_images=2))
    assert len(generation.image_ids) == 1
    # Nobody takes back the images of what is deleted meanwhile.
    delete_generation(account, generation.id)
    assert the_object(last_end(world))["images"] == []


def test_what_is_deleted_after_its_end_is_told_as_it_was() -> None:
    ended = an_end(num_images=2)
    before = the_object(ended)
    assert isinstance(ended.job, Generation)
    delete_generation(ended.account, ended.job.id)
    assert the_object(ended) == before


def test_a_body_can_be_made_huge() -> None:
    ended = an_end()
    plain, padded = told(ended), told(ended, pad_bytes=100_000)
    assert padded["data"].pop("padding") == "x" * 100_000
    assert padded == plain


def test_the_headers_are_those_of_the_guide() -> None:
    recorded = json.loads(reference(f"recordings/{OF_2023}").read_text())["_headers"]
    ours = dict(headers(a_hook(), b"body", bearer="abcd"))
    assert {key: ours[key] for key in recorded} == recorded
    assert ours.keys() - recorded.keys() == {"host", "content-length"}
    assert (ours["host"], ours["content-length"]) == ("hooks.test", "4")


@pytest.mark.parametrize("bearer", [None, ""])
def test_without_a_bearer_there_is_no_authorization(bearer: str | None) -> None:
    assert "authorization" not in dict(headers(a_hook(), b"", bearer=bearer))


@pytest.mark.parametrize(
    ("hook", "mischief", "legacy", "bearer"),
    [
        ({}, {}, False, HOOK_KEY),
        ({"payload": "legacy2023"}, {}, True, HOOK_KEY),
        ({"payload": "legacy2023"}, {"payload": "2026"}, False, HOOK_KEY),
        ({}, {"payload": "legacy2023"}, True, HOOK_KEY),
        ({"key": None}, {}, False, None),
        ({"key": None}, {"bearer": "wrong"}, False, "wrong"),
        ({}, {"bearer": "wrong"}, False, "wrong"),
        ({}, {"bearer": ""}, False, None),
    ],
)
def test_a_letter_is_as_its_webhook_and_the_mischief_want_it(
    hook: dict[str, Any], mischief: dict[str, Any], *, legacy: bool, bearer: str | None
) -> None:
    sent, body = the_letter(an_end(a_hook(**hook)), Mischief(**mischief))
    assert ("apiKey" in json.loads(body)["data"]["object"]) is legacy
    assert sent.get("authorization") == (f"Bearer {bearer}" if bearer else None)
    assert sent["content-length"] == str(len(body))


def test_what_a_key_is_sent_that_chooses_nothing_is_a_rule() -> None:
    _, body = the_letter(an_end(), Mischief(), payload="legacy2023")
    assert "apiKey" in json.loads(body)["data"]["object"]


def the_letter(ended: Ended, mischief: Mischief, *, payload: str = "2026") -> tuple[dict[str, str], bytes]:
    world = a_world_of(payload)
    author = Author(world=lambda: world, links=lambda: LINKS, true_to_the_wire=False)
    assert ended.key.webhook is not None
    letter = Letter(ended=ended, webhook=ended.key.webhook, type="some.type", mischief=mischief)
    sent, body = author.write(letter)
    assert json.loads(body)["type"] == "some.type"
    return dict(sent), body


def a_world_of(payload: str) -> Any:
    world = a_world()
    world.rules = with_value(the_rules(), "webhooks.payload", payload)
    return world


def test_the_same_end_is_told_in_the_same_bytes() -> None:
    def once(act: Act) -> bytes:
        ended = the_end_of(act)
        return payload(ended, type_="t", rules=the_rules(), links=LINKS)

    for act, _ in REPORTED.values():
        assert once(act) == once(act)
