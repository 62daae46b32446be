"""What a call is and costs at worst: by the contract, whatever its sender says."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo import contracts
from mockleo.conformance.door import Answer, MayNot, Request
from mockleo.conformance.doors.terms import Kind
from mockleo.core import pricing
from mockleo.core.rules import Rules
from mockleo.core.training import training_price
from mockleo.wire.contract import load
from tests.conformance.doors.upstream import TERMS

RULES: Rules = load().rules
RATE_MICRO = 3_000
OPERATIONS = {
    described["operationId"]: (method.upper(), path)
    for path, item in contracts.openapi()["paths"].items()
    for method, described in item.items()
}
WORST = contracts.rules()["pricing"]["worst"]


def request_of(operation: str, body: Any = None, **more: Any) -> tuple[Request, str]:
    method, path = OPERATIONS[operation]
    for name in ("{id}", "{userId}", "{datasetId}", "{modelId}"):
        path = path.replace(name, "0b6f")
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return Request(method=method, url=f"https://x.test{path}", body=data, **more), path


def worst(operation: str, body: Any = None) -> int:
    """In credits."""
    errand = TERMS.errand(*request_of(operation, body))
    assert errand.worst_micro % RATE_MICRO == 0
    return errand.worst_micro // RATE_MICRO


def test_every_operation_is_one_of_four_kinds() -> None:
    kinds: dict[str, set[str]] = {}
    for operation in OPERATIONS:
        try:
            kind = TERMS.errand(*request_of(operation)).kind.name
        except MayNot:
            kind = "never"
        kinds.setdefault(kind, set()).add(operation)
    gets = {name for name, (method, _) in OPERATIONS.items() if method == "GET"}
    assert kinds["READ"] == gets | {"pricingCalculator"}
    assert kinds["DELETE"] == {name for name, (method, _) in OPERATIONS.items() if method == "DELETE"}
    assert kinds["never"] == {"executeBlueprint"}
    assert kinds["MAKE"] | kinds["PAY"] == set(WORST) - {"pricingCalculator"}
    told = {
        described["operationId"]
        for item in contracts.openapi()["paths"].values()
        for described in item.values()
        if '"cost"' in json.dumps(described.get("responses", {}).get("200")) or _tells_cost(described)
    }
    assert told - {"pricingCalculator", "executeBlueprint"} <= kinds["PAY"]


def _tells_cost(described: dict[str, Any]) -> bool:
    found = json.dumps(described["responses"]["200"])
    schemas = contracts.openapi()["components"]["schemas"]
    seen: set[str] = set()
    while True:
        names = {name for name in schemas if f'/schemas/{name}"' in found} - seen
        if not names:
            return '"apiCreditCost"' in found
        seen |= names
        found += "".join(json.dumps(schemas[name]) for name in names)


# --- the rows, held against the prices of the emulator ------------------------------------------


# Steps, alchemy, fantasy avatar.
WAYS = ((10, False, False), (30, False, False), (30, True, False), (30, True, True))


def dearest(*, side_px: int, images: int, ultra: bool, extras: int) -> int:
    """The most that the emulator could ask for such an order."""
    sides = {side_px, 512, 896, 1024, 1080, 1120, 768, 32} | set(range(32, side_px + 1, 184))
    return max(
        pricing.images(
            RULES,
            pricing.ImageWork(
                family=family,
                width=width,
                height=height,
                num_images=count,
                steps=steps,
                alchemy=alchemy,
                ultra=ultra,
                fantasy_avatar=avatar,
                photo_real=photo_real,
                prompt_magic=magic,
                loras=2 * extras,
                controlnets_cost=extras * RULES.integer("pricing.controlnet"),
            ),
        )
        for family in ("sdxl", "lightning", "sd15", "sd21", "flux_schnell", "phoenix")
        for width, height in product(sorted(side for side in sides if side <= side_px), repeat=2)
        for count in {1, min(4, images), images}
        for steps, alchemy, avatar in WAYS
        for photo_real in (None, "v1", "v2")
        for magic in (None, "v3")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("offer", "most"),
    [
        (0, {"side_px": 1024, "images": 1, "ultra": False, "extras": 0}),
        (1, {"side_px": 1024, "images": 4, "ultra": False, "extras": 4}),
        (2, {"side_px": 1920, "images": 8, "ultra": True, "extras": 8}),
    ],
)
def test_images_cost_at_most_half_of_their_worst(offer: int, most: dict[str, Any]) -> None:
    credits = WORST["createGeneration"]["values"]["offers"][offer]["credits"]
    assert 2 * dearest(**most) <= credits < 3 * dearest(**most)


def flat(operation: str) -> int:
    """What the emulator asks for it at most."""
    services = RULES.table("pricing.services")
    video = max(RULES.table("pricing.video").values())
    found: int = {
        "promptRandom": services["prompt"],
        "promptImprove": services["prompt"],
        "createVariationUpscale": services["upscale"],
        "createVariationUnzoom": services["unzoom"],
        "createVariationNoBG": services["nobg"],
        "createSVDMotionGeneration": services["motion_svd"],
        "createVideoUpscale": RULES.integer("pricing.video_upscale"),
        "createTextureGeneration": services["texture"],
        "createLCMGeneration": pricing.realtime(RULES, width=1024, height=1024),
        "performInpaintingLCM": pricing.realtime(RULES, width=1024, height=1024),
        "performInstantRefine": pricing.realtime(RULES, width=1024, height=1024),
        "performAlchemyUpscaleLCM": services["realtime_upscale"],
        "CreateUniversalUpscalerJob": pricing.universal_upscale(
            RULES, width=RULES.integer("universal_upscaler.output_max") / 1_000, height=1_000
        ),
        "createModel": max(training_price(RULES, side) for side in (512, 768)),
        "createElement": RULES.integer("pricing.training_element"),
        "createTextToVideoGeneration": video,
        "createImageToVideoGeneration": video,
    }[operation]
    return found


@pytest.mark.parametrize("operation", sorted(set(WORST) - {"createGeneration"}))
def test_the_last_offer_is_twice_what_the_emulator_asks_at_most(operation: str) -> None:
    offers = WORST[operation]["values"]["offers"]
    credits = offers[-1]["credits"]
    assert credits == max(offer["credits"] for offer in offers)
    if credits:
        assert credits == 2 * flat(operation)


@pytest.mark.parametrize("model", ["MOTION2", "MOTION2FAST", "VEO3", "VEO3FAST", "KLING2_1", "KLING2_5"])
def test_a_named_model_costs_twice_its_own_price_at_worst(model: str) -> None:
    prices = [price for name, price in RULES.table("pricing.video").items() if name.split()[0] == model]
    assert worst("createTextToVideoGeneration", {"prompt": "x", "model": model}) == 2 * max(prices)


def test_the_rate_is_twice_the_known_one() -> None:
    known = RULES["pricing.dollars_per_credit"].value
    assert 2 * known <= RULES["pricing.worst_dollars_per_credit"].value < 3 * known


# --- bodies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "credits"),
    [
        ({"prompt": "x", "num_images": 1, "width": 1024, "height": 1024}, 32),
        ({"prompt": "x", "num_images": 1, "width": 1032, "height": 1024}, 1720),
        ({"prompt": "x", "num_images": 2, "width": 1024, "height": 1024}, 180),
        ({"prompt": "x"}, 180),
        ({"prompt": "x", "num_images": 5}, 1720),
        ({"prompt": "x", "num_images": 1, "width": 512, "height": 512, "ultra": True}, 1720),
        ({"prompt": "x", "num_images": 1, "width": 512, "height": 512, "ultra": False, "elements": []}, 32),
        ({"prompt": "x", "num_images": 1, "width": 512, "height": 512, "elements": [{}]}, 180),
        ({"prompt": "x", "elements": [{}] * 8}, 1720),
    ],
)
def test_the_smaller_the_order_the_less_is_put_aside(body: dict[str, Any], credits: int) -> None:
    assert worst("createGeneration", body) == credits


@pytest.mark.parametrize(
    "body",
    [
        {"num_images": 9}, {"num_images": 100}, {"num_images": -1}, {"num_images": "1"}, {"num_images": True},
        {"num_images": [1]}, {"width": 1928}, {"height": 10**9}, {"width": -5000, "height": -5000},
        {"width": {"a": 1}}, {"elements": [{}] * 9}, {"elements": "x"}, {"elements": {}},
        {"controlnets": [1] * 9},
        {"quantity": 1}, {"Num_Images": 1}, {"": 1}, {"upscaleRatio": 3}, {"num_inference_steps": 61},
        b'{"num_images":1,"num_images":8}', b'{"num_images":1,"elements":[{"a":1,"a":2}]}', b"[]", b"1",
        b"null",
        b'"x"', b"{",
        b'{"num_images":NaN}', b'{"guidance_scale":NaN}', b'{"num_images":Infinity}', b'{"num_images":1e400}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}", b"num_images=8", b'{"num_images":1} x', b"[" * 100_000,
        '{"num_images": 1}'.encode("utf-16"),
    ],
)  # fmt: skip
def test_a_body_that_is_not_wholly_understood_has_no_price(body: Any) -> None:
    with pytest.raises(MayNot):
        worst("createGeneration", body)


@pytest.mark.parametrize(
    ("body", "credits"),
    [
        ({"model": "MOTION2FAST"}, 300), ({"model": "motion2fast"}, 8000), ({"model": None}, 8000),
        ({}, 8000),
        ({"model": "NEWER"}, 8000), ({"model": ["MOTION2FAST"]}, 8000),
        ({"model": "MOTION2FAST", "duration": 10}, 300),
    ],
)  # fmt: skip
def test_a_model_that_is_not_known_is_the_dearest(body: dict[str, Any], credits: int) -> None:
    assert worst("createTextToVideoGeneration", {"prompt": "x", **body}) == credits


@pytest.mark.parametrize("seconds", [11, 10_000, -1, "8"])
def test_a_longer_video_has_no_price(seconds: Any) -> None:
    with pytest.raises(MayNot):
        worst("createTextToVideoGeneration", {"model": "MOTION2FAST", "duration": seconds})


# --- what a call is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/generations/"), ("POST", "//generations"), ("POST", "/Generations"),
        ("POST", "/v2/generations"),
        ("POST", "/../v2/generations"), ("POST", "/me"), ("POST", "/generations/%2e%2e"),
        ("PUT", "/generations"),
        ("PATCH", "/generations"), ("DELETE", "/generations"), ("post", "/generations"), ("PURGE", "/me"),
        ("TRACE", "/me"), ("CONNECT", "/"), ("POST", ""), ("POST", "/blueprint-executions"),
        ("DELETE", "/generations/a%2Fb"), ("DELETE", "/generations/.."), ("DELETE", "/generations/a;b"),
        ("DELETE", "/generations/a?id=b"), ("POST", "/generations?num_images=8"),
        ("POST", "/generations?x"),
        ("POST", "/datasets/../upload"), ("POST", "/datasets/a%2f..%2f..%2fgenerations/upload"),
    ],
)  # fmt: skip
def test_what_changes_something_and_is_not_plainly_in_the_contract_is_not_called(
    method: str, target: str
) -> None:
    with pytest.raises(MayNot):
        TERMS.errand(Request(method=method, url="", body=b"{}", operation="getUserSelf"), target)


@pytest.mark.parametrize(
    "header",
    [
        "X-HTTP-Method-Override",
        "x-method-override",
        "Transfer-Encoding",
        "Content-Encoding",
        "Expect",
        "Upgrade",
    ],
)
@pytest.mark.parametrize("operation", ["getUserSelf", "createDataset", "promptRandom"])
def test_a_header_that_gives_a_call_two_faces_is_not_sent(header: str, operation: str) -> None:
    request, target = request_of(operation, headers=((header, "POST"),))
    with pytest.raises(MayNot, match="servers differ"):
        TERMS.errand(request, target)


@pytest.mark.parametrize("body", [{"id": "another"}, {"datasetId": "another"}])
def test_a_body_may_not_name_another_thing_than_the_path(body: dict[str, str]) -> None:
    operation = "deleteDatasetById" if "id" in body else "uploadDatasetImage"
    with pytest.raises(MayNot):
        TERMS.errand(*request_of(operation, body))
    assert TERMS.errand(*request_of(operation)).ids == ("0b6f",)


def test_reading_is_always_known() -> None:
    for target in ("/me", "/no/such/path", "/generations/user/1?limit=5", ""):
        assert TERMS.errand(Request(method="GET", url=""), target).kind is Kind.READ


# --- what an answer tells --------------------------------------------------------------------------


def told(said: Any, status: int = 200) -> int | None:
    body = said if isinstance(said, bytes) else json.dumps({"promptGeneration": said}).encode()
    return TERMS.told_micro("promptRandom", Answer(status=status, body=body))


@pytest.mark.parametrize(
    ("said", "micro"),
    [
        ({"cost": {"amount": "0.006", "unit": "DOLLARS"}, "apiCreditCost": None}, 6_050),
        ({"cost": {"amount": "4", "unit": "CREDITS"}, "apiCreditCost": 4}, 12_000),
        ({"apiCreditCost": 4}, 12_000),
        ({"cost": {"amount": "0.0000001", "unit": "DOLLARS"}}, 51),
        ({"cost": {"amount": "1", "unit": "DOLLARS"}, "apiCreditCost": 0}, 1_000_050),
        # Two prices: the higher one.
        ({"cost": {"amount": "0.006", "unit": "DOLLARS"}, "apiCreditCost": 400}, 1_200_000),
    ],
)
def test_a_price_is_never_read_as_too_little(said: Any, micro: int) -> None:
    assert told(said) == micro


@pytest.mark.parametrize(
    "said",
    [
        None, [], "x", {}, {"cost": None}, {"cost": {"amount": "0", "unit": "DOLLARS"}}, {"apiCreditCost": 0},
        {"apiCreditCost": -4}, {"apiCreditCost": True}, {"apiCreditCost": 4.0}, {"apiCreditCost": "4"},
        {"cost": {"amount": 0.006, "unit": "DOLLARS"}}, {"cost": {"amount": "-1", "unit": "DOLLARS"}},
        {"cost": {"amount": "NaN", "unit": "DOLLARS"}}, {"cost": {"amount": "1e-9", "unit": "DOLLARS"}},
        {"cost": {"amount": "1", "unit": "EUROS"}}, {"cost": {"amount": "1"}}, {"cost": {"unit": "DOLLARS"}},
        {"cost": {"amount": " 1", "unit": "DOLLARS"}}, {"cost": {"amount": "1,5", "unit": "DOLLARS"}},
        {"cost": {"amount": "", "unit": "DOLLARS"}}, {"cost": {"amount": "١", "unit": "DOLLARS"}},
        b"", b"{", b"\xff", b"[" * 100_000, b'{"promptGeneration":{"apiCreditCost":4}',
    ],
)  # fmt: skip
def test_what_is_no_price_is_not_taken_for_one(said: Any) -> None:
    assert told(said) is None


@pytest.mark.parametrize("status", [201, 204, 302, 400, 500])
def test_only_a_200_tells_a_price(status: int) -> None:
    assert told({"apiCreditCost": 4}, status) is None


@given(st.integers(1, 10_000))
def test_what_was_rounded_is_covered(credits: int) -> None:
    """The service's own price, which no answer tells to the last digit."""
    amount = pricing.dollars(RULES, credits)
    micro = told({"cost": {"amount": amount, "unit": "DOLLARS"}})
    assert micro is not None
    assert credits * 1_495 <= micro <= credits * 1_495 + 100


@pytest.mark.parametrize(
    ("status", "said", "free"),
    [
        (400, {"error": "not enough api tokens userId: 1", "path": "$", "code": "unexpected"}, True),
        (400, {"error": "Unexpected variable x", "path": "$", "code": "bad-request"}, True),
        (400, {"error": "invalid JSON", "path": "$", "code": "invalid-json"}, True),
        # Almost
        (400, {"error": "not enough", "path": "$", "code": "unexpected"}, False),
        (400, {"error": "not enough api tokens userId: 1", "path": "$", "code": "bad-request"}, False),
        (403, {"error": "not enough api tokens userId: 1", "path": "$", "code": "unexpected"}, False),
        (500, {"error": "Service Error", "path": "$", "code": "unexpected"}, False),
        (200, {"error": "not enough api tokens userId: 1", "path": "$", "code": "unexpected"}, False),
        (400, {"error": None, "code": "unexpected"}, False), (400, [], False), (418, {}, False),
        (400, "x", False),
    ],
)  # fmt: skip
def test_only_a_refusal_that_the_contract_knows_is_free(status: int, said: Any, *, free: bool) -> None:
    assert TERMS.is_free_refusal(Answer(status=status, body=json.dumps(said).encode())) is free
