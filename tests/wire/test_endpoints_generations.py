"""Generations: ordered, polled, listed, deleted; and nobody else's."""

from typing import Any

import pytest

from .leo import LONG_MS, STRANGER, Leo, Refused

Json = Any

SMALL = {"width": 64, "height": 64, "num_images": 1}


def test_an_order_is_pending_and_then_complete() -> None:
    leo = Leo()
    generation = leo.order(num_images=2)

    pending = leo.generation(generation)
    assert (pending["status"], pending["generated_images"]) == ("PENDING", [])

    leo.advance(LONG_MS)
    complete = leo.generation(generation)
    assert complete["status"] == "COMPLETE"
    assert len(complete["generated_images"]) == 2
    assert {**complete, "status": "PENDING", "generated_images": []} == pending


def test_a_job_is_complete_at_its_time_and_not_a_millisecond_before() -> None:
    leo = Leo(rules={"durations.spread": 0})
    generation = leo.order()
    leo.advance(3_999)
    assert leo.status(generation) == "PENDING"
    leo.advance(1)
    assert leo.status(generation) == "COMPLETE"


def test_an_eleventh_generation_waits_for_a_free_place() -> None:
    leo = Leo(rules={"durations.spread": 0})
    orders = [leo.order(**SMALL) for _ in range(11)]
    leo.advance(4_000)
    assert [leo.status(each) for each in orders] == ["COMPLETE"] * 10 + ["PENDING"]
    leo.advance(4_000)
    assert leo.status(orders[-1]) == "COMPLETE"


def test_polling_changes_nothing() -> None:
    often, once = Leo(), Leo()
    generation = often.order()
    assert once.order() == generation
    for _ in range(LONG_MS // 1_000):
        often.advance(1_000)
        often.generation(generation)
    once.advance(LONG_MS)
    assert often.generation(generation) == once.generation(generation)


def test_a_job_that_takes_no_time_is_complete_at_the_first_look() -> None:
    leo = Leo(rules={"durations.image_by_family.lightning": 0})
    assert leo.status(leo.order()) == "COMPLETE"


# --- what is told back ---------------------------------------------------------------------------


def test_a_bare_order_is_told_back_with_the_services_defaults() -> None:
    leo = Leo()
    generation = leo.generation(leo.order(prompt="a lighthouse"))
    expected = {
        "prompt": "a lighthouse",
        "negativePrompt": "",
        "imageWidth": 1024,
        "imageHeight": 768,
        "inferenceSteps": 15,
        "guidanceScale": None,
        "modelId": "b24e16ff-06e3-43eb-8d33-4416c2d75876",
        "scheduler": "EULER_DISCRETE",
        "sdVersion": "SDXL_LIGHTNING",
        "presetStyle": None,
        "public": False,
        "photoReal": False,
        "promptMagic": False,
        "ultra": None,
        "motion": None,
        "createdAt": "2026-01-01T00:00:00.000",
        "prompt_moderations": [{"moderationClassification": []}],
        "generation_elements": [],
    }
    assert {key: generation[key] for key in expected} == expected


def test_what_the_sdks_fill_in_gives_the_same_job_as_nothing() -> None:
    filled = {
        "alchemy": True,
        "height": 768,
        "modelId": "b24e16ff-06e3-43eb-8d33-4416c2d75876",
        "num_images": 4,
        "width": 1024,
    }
    by_sdk, by_curl = Leo(), Leo()
    assert by_sdk.generation(by_sdk.order(**filled)) == by_curl.generation(by_curl.order())
    assert by_sdk.balance == by_curl.balance


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"negative_prompt": "fog"}, {"negativePrompt": "fog"}),
        ({"seed": 9}, {"seed": 9}),
        ({"num_inference_steps": 60}, {"inferenceSteps": 60}),
        ({"alchemy": False}, {"guidanceScale": 7}),
        ({"guidance_scale": 3.5}, {"guidanceScale": 3.5}),
        ({"scheduler": "DDIM"}, {"scheduler": "DDIM"}),
        ({"presetStyle": "DYNAMIC", "alchemy": False}, {"presetStyle": "DYNAMIC"}),
        ({"public": True}, {"public": True}),
        ({"photoReal": True}, {"photoReal": True, "photoRealStrength": 0.55}),
        ({"promptMagic": True}, {"promptMagic": True}),
        ({"promptMagic": True, "promptMagicVersion": "v3"}, {"promptMagicVersion": "v3"}),
        ({"ultra": True, "alchemy": False}, {"ultra": True}),
        ({"sd_version": "v2"}, {"sdVersion": "SDXL_LIGHTNING"}),
        ({"styleUUID": STRANGER}, {}),
    ],
)  # fmt: skip
def test_what_was_asked_is_told_back(asked: Json, told: Json) -> None:
    leo = Leo()
    generation = leo.generation(leo.order(**SMALL, **asked))
    assert {key: generation[key] for key in told} == told


def test_elements_are_told_back() -> None:
    leo = Leo()
    first, second = leo.get("/elements")[:2]
    uses = [{"akUUID": first["akUUID"], "weight": 0.3}, {"akUUID": second["akUUID"]}]
    found = leo.generation(leo.order(elements=uses))["generation_elements"]
    assert [each["lora"]["name"] for each in found] == [first["name"], second["name"]]
    assert [each["weightApplied"] for each in found] == [0.3, 1]


@pytest.mark.parametrize(("profile", "version"), [("sdk-safe", "KINO_2_0"), ("wire-true", "KINO_2_1")])
def test_the_profile_decides_about_values_that_the_sdks_do_not_know(profile: str, version: str) -> None:
    leo = Leo(profile=profile)
    generation = leo.generation(leo.order(modelId="7b592283-e8a7-4c5a-9ba6-d18c31f258b9"))
    assert generation["sdVersion"] == version


def test_a_variation_shows_on_its_image_and_changes_the_answer_each_time() -> None:
    leo = Leo()
    generation = leo.made(**SMALL)
    variation = leo.post("/variations/nobg", id=generation["generated_images"][0]["id"])["id"]

    def shown() -> Json:
        return leo.generation(generation["id"])["generated_images"][0]["generated_image_variation_generics"]

    assert shown() == [{"url": None, "id": variation, "status": "PENDING", "transformType": "NOBG"}]
    leo.advance(LONG_MS)
    (ready,) = shown()
    assert ready["status"] == "COMPLETE"
    assert leo.get(f"/variations/{variation}")[0]["url"] == ready["url"]


# --- ids, money ----------------------------------------------------------------------------------


def test_ids_carry_the_time_and_sort_by_it() -> None:
    leo = Leo()
    ids = []
    for _ in range(5):
        ids.append(leo.order(**SMALL))
        leo.advance(1)
    assert all(each[14] == "6" for each in ids)
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    ("plan", "number", "amount", "unit"),
    [("credits", 15, "15", "CREDITS"), ("payg", None, "0.0224", "DOLLARS")],
)
def test_the_price_is_told_in_the_plans_money(plan: str, number: int | None, amount: str, unit: str) -> None:
    leo = Leo(plan=plan)
    job = leo.post("/generations", prompt="a", **SMALL)
    assert (job["apiCreditCost"], job["cost"]) == (number, {"amount": amount, "unit": unit})


def test_what_is_charged_is_what_is_told() -> None:
    leo = Leo(credits=1_000)
    cost = leo.post("/generations", prompt="a", **SMALL)["apiCreditCost"]
    assert leo.get("/me")[0]["apiPaidTokens"] == 1_000 - cost


def test_who_cannot_pay_is_refused_before_anything_else_is_looked_at() -> None:
    leo = Leo(credits=3)
    expected = Refused(400, f"not enough api tokens userId: {leo.user_id}", "$", "unexpected")
    assert leo.refusal("/generations", prompt="a") == expected
    assert leo.refusal("/generations", prompt="naked", width=1) == expected
    assert leo.refusal("/generations", prompt="a", foo=1).code == "bad-request"


def test_a_job_whose_picture_never_came_fails_and_is_refunded() -> None:
    leo = Leo()
    before = leo.balance
    generation = leo.order(init_image_id=leo.post("/init-image", extension="png")["id"], init_strength=0.5)
    assert leo.balance < before
    leo.advance(LONG_MS)
    found = leo.generation(generation)
    assert (found["status"], found["generated_images"]) == ("FAILED", [])
    assert leo.balance == before


# --- lists ---------------------------------------------------------------------------------------


def listed(leo: Leo, **query: object) -> list[str]:
    return [each["id"] for each in leo.get(f"/generations/user/{leo.user_id}", **query)]


def test_the_list_begins_with_the_newest_and_is_paged() -> None:
    leo = Leo()
    ids = [leo.order(**SMALL) for _ in range(12)][::-1]
    assert listed(leo) == ids[:10]
    assert listed(leo, limit=3) == ids[:3]
    assert listed(leo, limit=3, offset=10) == ids[10:]
    assert listed(leo, offset=10) == ids[10:]
    assert listed(leo, limit=100) == ids
    assert listed(leo, limit=5_000) == ids
    assert listed(leo, offset=12) == listed(leo, limit=0) == listed(leo, offset=10_000) == []


@pytest.mark.parametrize("field", ["limit", "offset"])
def test_a_page_is_never_negative(field: str) -> None:
    leo = Leo()
    answer = leo.ask("GET", f"/generations/user/{leo.user_id}?{field}=-1")
    assert answer.json() == {"error": f"invalid {field}", "path": "$", "code": "unexpected"}


def test_a_list_has_what_the_single_answer_has_but_for_one_key() -> None:
    leo = Leo()
    single = leo.made(**SMALL)
    (entry,) = leo.get(f"/generations/user/{leo.user_id}")
    for image in single["generated_images"]:
        del image["fantasyAvatar"]
    assert entry == single


def test_a_list_does_not_spoil_the_single_answer() -> None:
    leo = Leo()
    single = leo.made(**SMALL)
    leo.get(f"/generations/user/{leo.user_id}")
    assert leo.generation(single["id"]) == single


def test_paging_may_come_in_the_query_only_where_there_is_no_body_for_it() -> None:
    leo = Leo()
    ids = [leo.order(**SMALL) for _ in range(3)][::-1]
    answer = leo.ask("GET", f"/generations/user/{leo.user_id}?limit=1&offset=1", json={})
    assert [each["id"] for each in answer.json()["generations"]] == ids[1:2]


# --- deleting, strangers -------------------------------------------------------------------------


def test_a_deleted_generation_is_gone_for_good() -> None:
    leo = Leo()
    kept, gone = leo.order(**SMALL), leo.order(**SMALL)
    leo.advance(LONG_MS)
    assert leo.delete(f"/generations/{gone}") == {"id": gone}
    assert leo.delete(f"/generations/{gone}") is None
    assert leo.generation(gone) is None
    assert listed(leo) == [kept]


def test_a_job_that_is_deleted_on_its_way_brings_nothing_and_gives_nothing_back() -> None:
    leo = Leo()
    generation = leo.order(**SMALL)
    charged = leo.balance
    assert leo.delete(f"/generations/{generation}") == {"id": generation}
    leo.advance(LONG_MS)
    assert leo.generation(generation) is None
    assert leo.balance == charged
    assert leo.account.images == {}


def test_an_image_of_a_deleted_generation_cannot_be_used() -> None:
    leo = Leo()
    generation = leo.made(**SMALL)
    leo.delete(f"/generations/{generation['id']}")
    refusal = leo.refusal("/variations/nobg", id=generation["generated_images"][0]["id"])
    assert refusal.error == "couldn't access image"


@pytest.mark.parametrize("unknown", [STRANGER, "1f0bba44-923a-69b0-8000-0123456789ab"])
def test_what_nobody_has_is_null(unknown: str) -> None:
    leo = Leo()
    leo.order()
    assert leo.generation(unknown) is None
    assert leo.delete(f"/generations/{unknown}") is None
    assert leo.get(f"/generations/user/{unknown}") == []


def test_what_somebody_else_has_is_as_what_nobody_has() -> None:
    owner = Leo()
    generation = owner.made(**SMALL)
    image = generation["generated_images"][0]["id"]
    other = owner.beside("another")
    other.order()

    assert other.generation(generation["id"]) is None
    assert other.delete(f"/generations/{generation['id']}") is None
    assert other.get(f"/generations/user/{owner.user_id}") == []
    assert other.refusal("/variations/nobg", id=image).error == "couldn't access image"
    assert other.refusal("/generations-motion-svd", imageId=image).status == 400
    refusal = other.refusal("/generations", prompt="a", init_generation_image_id=image)
    assert refusal.error == "invalid init image id"
    assert owner.generation(generation["id"]) == generation


# --- refusals ------------------------------------------------------------------------------------

PHOENIX = "de7d3faf-762f-48e0-b3b7-9d0ac3a3fcf3"


@pytest.mark.parametrize(
    ("variables", "error"),
    [
        ({"width": 31}, "invalid dimensions"),
        ({"width": 33}, "invalid dimensions"),
        ({"height": 1544, "num_images": 1}, "invalid dimensions"),
        ({"num_images": 0}, "invalid num_images"),
        ({"num_images": 9}, "invalid num_images"),
        ({"width": 1344, "height": 768, "num_images": 3}, "too many images"),
        ({"width": 1344, "height": 768, "num_images": 3, "alchemy": False}, "too many images"),
        ({"guidance_scale": 99}, "invalid guidance_scale"),
        ({"num_inference_steps": 5}, "invalid num_inference_steps"),
        ({"init_strength": 2}, "invalid init_strength"),
        ({"seed": -1}, "invalid seed"),
        ({"prompt": ""}, "invalid prompt"),
        ({"prompt": "x" * 1501}, "Invalid prompt, maximum length of 1500 characters exceeded."),
        ({"prompt": "NAKED truth"}, "content moderation filter: naked"),
        ({"modelId": STRANGER}, "model lookup error"),
        ({"modelId": PHOENIX, "contrast": 1.0}, "invalid contrast"),
        ({"contrast": 2}, "invalid contrast"),
        ({"init_image_id": "x"}, "invalid init image id"),
        ({"init_image_id": STRANGER}, "invalid init image id"),
        ({"ultra": True, "alchemy": True}, "invalid ultra"),
    ],
)
def test_what_breaks_a_rule_is_refused(variables: Json, error: str) -> None:
    refusal = Leo().refusal("/generations", **{"prompt": "a", **variables})
    assert refusal == (400, error, "$", "unexpected")


@pytest.mark.parametrize(
    "variables",
    [
        {"prompt": "x" * 1500},
        {"prompt": "snaked and nakedness"},
        {"num_images": 8, "width": 768, "height": 768},
        {"width": 32, "height": 32},
        {"seed": 9_999_999_998},
        {"modelId": PHOENIX, "contrast": 3.5, "sd_version": "PHOENIX", "enhancePrompt": True},
        {"modelId": PHOENIX, "styleUUID": STRANGER},
        {"presetStyle": "DYNAMIC", "alchemy": False},
    ],
)
def test_what_keeps_the_rules_is_taken(variables: Json) -> None:
    assert Leo().order(**variables)
