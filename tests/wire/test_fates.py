"""Each fate as a client sees it: in the single answer, in lists, beside what hangs on it, by its URLs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from mockleo.core.lifecycle import Fate
from mockleo.wire.links import API_PATH as API

from .leo import LONG_MS, RECIPE, TRAINED_MS, VALID, Leo
from .promise import OPERATIONS

Json = Any

SMALL = {"width": 64, "height": 40, "num_images": 3}

# For each thing that is ordered: the operation, where its id stands, how it is looked at, and
# how the answer reads when there is none.
JOBS: Mapping[str, tuple[str, Callable[[Json], Any], str, Json]] = {
    "images": ("createGeneration", lambda job: job["generationId"], "/generations/{}", None),
    "video": ("createTextToVideoGeneration", lambda job: job["generationId"], "/generations/{}", None),
    "motion": ("createSVDMotionGeneration", lambda job: job["generationId"], "/generations/{}", None),
    "larger video": (
        "createVideoUpscale",
        lambda job: job["variationId"],
        "/motion-variations/{}",
        [],
    ),
    "upscale": ("createVariationUpscale", lambda job: job["id"], "/variations/{}", []),
    "nobg": ("createVariationNoBG", lambda job: job["id"], "/variations/{}", []),
    "texture": ("createTextureGeneration", lambda job: job["id"], "/generations-texture/{}", None),
    "model": ("createModel", lambda job: job["customModelId"], "/models/{}", None),
    "element": ("createElement", lambda job: job["userLoraId"], "/elements/{}", None),
}


def ordered(leo: Leo, operation: str, fate: Fate) -> Json:
    """The answer to an order under `fate`."""
    method, path, _ = OPERATIONS[operation]
    body = VALID[operation](leo)
    world = leo.app.site.world
    world.fate = fate
    answer = leo.ask(method, path, json=body)
    assert answer.status_code == 200, answer.text
    assert [world.fate] == [None], "it is for this job alone"
    return next(iter(answer.json().values()))


def look(leo: Leo, path: str, **query: Any) -> Json:
    """What stands under the root key of an answer that may break the contract, as fates do."""
    answer = leo.send("GET", f"{API}{path}", headers={"authorization": f"Bearer {leo.key}"}, params=query)
    assert answer.status_code == 200, answer.text
    return next(iter(answer.json().values()))


def of(leo: Leo, kind: str, fate: Fate) -> tuple[str, Json]:
    """Order a thing under `fate`; its path, and what a look at it gives when it has ended."""
    operation, id_in, path, _ = JOBS[kind]
    path = path.format(id_in(ordered(leo, operation, fate)))
    leo.advance(TRAINED_MS)
    return path, look(leo, path)


def urls(body: Json) -> Iterator[str]:
    if isinstance(body, dict):
        for value in body.values():
            yield from urls(value)
    elif isinstance(body, list):
        for value in body:
            yield from urls(value)
    elif isinstance(body, str) and "/cdn/" in body:
        yield body


def one(shown: Json) -> Json:
    return shown[0] if isinstance(shown, list) else shown


@pytest.mark.parametrize("kind", JOBS)
def test_what_fails_reads_failed_and_has_nothing_to_fetch(kind: str) -> None:
    leo = Leo()
    _, shown = of(leo, kind, Fate(fails=True))
    assert one(shown)["status"] == "FAILED"
    assert list(urls(shown)) == []


@pytest.mark.parametrize("kind", JOBS)
def test_what_never_ends_reads_pending(kind: str) -> None:
    leo = Leo()
    _, shown = of(leo, kind, Fate(never=True))
    assert one(shown)["status"] == "PENDING"


@pytest.mark.parametrize("kind", JOBS)
def test_an_unknown_status_is_told_and_all_else_is_as_ever(kind: str) -> None:
    told, truth = (of(Leo(), kind, fate)[1] for fate in (Fate(status="ARCHIVED"), Fate()))
    assert one(told) == {**one(truth), "status": "ARCHIVED"}


@pytest.mark.parametrize("kind", JOBS)
def test_what_an_unknown_status_has_brought_can_be_fetched(kind: str) -> None:
    leo = Leo()
    _, shown = of(leo, kind, Fate(status="ARCHIVED"))
    for url in urls(shown):
        leo.fetch(url)


@pytest.mark.parametrize("kind", JOBS)
def test_what_is_gone_reads_as_if_it_had_never_been(kind: str) -> None:
    leo = Leo()
    operation, id_in, path, nothing = JOBS[kind]
    path = path.format(id_in(ordered(leo, operation, Fate(null=True))))
    assert one(look(leo, path))["status"] == "PENDING"
    leo.advance(TRAINED_MS)
    assert look(leo, path) == nothing


@pytest.mark.parametrize("kind", ["images", "model", "element"])
def test_lists_tell_the_same(kind: str) -> None:
    leo = Leo()
    paths = {"images": "/generations/user/{}", "model": "/models/user/{}", "element": "/elements/user/{}"}
    where = paths[kind].format(leo.user_id)
    operation, id_in, _, _ = JOBS[kind]
    fates = [Fate(null=True), Fate(status="ARCHIVED"), Fate(fails=True), Fate()]
    ids = [id_in(ordered(leo, operation, fate)) for fate in fates]
    leo.advance(TRAINED_MS)
    listed = {entry["id"]: entry["status"] for entry in look(leo, where)}
    assert {job_id: listed.get(job_id) for job_id in ids} == dict(
        zip(ids, [None, "ARCHIVED", "FAILED", "COMPLETE"], strict=True)
    )


def test_the_list_of_textures_tells_the_same() -> None:
    leo = Leo()
    mesh = leo.mesh()
    ids = []
    for fate in (Fate(null=True), Fate(status="ARCHIVED"), Fate()):
        leo.app.site.world.fate = fate
        ids.append(leo.post("/generations-texture", modelAssetId=mesh, prompt="wood")["id"])
    leo.advance(LONG_MS)
    listed = {entry["id"]: entry["status"] for entry in look(leo, f"/generations-texture/model/{mesh}")}
    assert listed == {ids[1]: "ARCHIVED", ids[2]: "COMPLETE"}


@pytest.mark.parametrize(
    ("kind", "field"),
    [("images", "sdVersion"), ("video", "sdVersion"), ("model", "sdVersion"), ("element", "baseModel")],
)
@pytest.mark.parametrize("profile", ["sdk-safe", "wire-true"])
def test_an_unknown_model_is_told_wherever_a_version_is(profile: str, kind: str, field: str) -> None:
    leo = Leo(profile=profile)
    _, shown = of(leo, kind, Fate(sd_version="NOVA_1_0"))
    assert shown[field] == "NOVA_1_0"
    assert shown["status"] == "COMPLETE"


@pytest.mark.parametrize("nsfw", [True, False])
def test_images_are_flagged_all_of_them_or_none(*, nsfw: bool) -> None:
    leo = Leo()
    leo.app.site.world.fate = Fate(nsfw=nsfw)
    shown = leo.made(**SMALL)
    listed = leo.get(f"/generations/user/{leo.user_id}")[0]
    for generation in (shown, listed):
        assert [image["nsfw"] for image in generation["generated_images"]] == [nsfw] * 3


@pytest.mark.parametrize("images", [0, 1, 3])
def test_complete_with_fewer_images_has_files_for_these_alone(images: int) -> None:
    leo = Leo()
    leo.app.site.world.fate = Fate(images=images)
    generation = leo.made(**SMALL)
    assert generation["status"] == "COMPLETE"
    found = list(urls(generation))
    assert len(found) == images
    for url in found:
        leo.fetch(url)
    if found:
        beyond = found[0].replace("_0.jpg", f"_{images}.jpg")
        assert leo.send("GET", beyond).status_code == 404


@pytest.mark.parametrize("fails", [True, False])
def test_early_images_are_shown_and_fetched_while_it_is_pending(*, fails: bool) -> None:
    leo = Leo()
    leo.app.site.world.fate = Fate(partial=2, fails=fails)
    generation_id = leo.order(**SMALL)
    early = leo.generation(generation_id)
    assert early["status"] == "PENDING"
    assert leo.get(f"/generations/user/{leo.user_id}")[0]["status"] == "PENDING"
    found = list(urls(early))
    contents = [leo.fetch(url).content for url in found]
    assert len(contents) == 2
    assert leo.send("GET", found[0].replace("_0.jpg", "_2.jpg")).status_code == 404

    leo.advance(LONG_MS)
    late = leo.generation(generation_id)
    if fails:
        assert (late["status"], late["generated_images"]) == ("FAILED", [])
        assert [leo.send("GET", url).status_code for url in found] == [404, 404]
    else:
        assert (late["status"], len(late["generated_images"])) == ("COMPLETE", 3)
        assert late["generated_images"][:2] == early["generated_images"]
        assert [leo.fetch(url).content for url in found] == contents


def test_early_maps_are_shown_and_fetched_while_it_is_pending() -> None:
    leo = Leo()
    shown = ordered(leo, "createTextureGeneration", Fate(partial=1, images=2))
    path = f"/generations-texture/{shown['id']}"
    early = leo.get(path)
    (url,) = urls(early)
    leo.fetch(url)
    assert early["status"] == "PENDING"
    leo.advance(LONG_MS)
    late = leo.get(path)
    found = list(urls(late))
    assert (late["status"], len(found), found[0]) == ("COMPLETE", 2, url)
    for each in found:
        leo.fetch(each)
    assert leo.send("GET", url.rpartition("/")[0] + "/displacement.png").status_code == 404


def test_an_image_tells_of_its_variations_as_they_do() -> None:
    leo = Leo()
    image = leo.image()
    ids = []
    for fate in (Fate(null=True), Fate(status="ARCHIVED"), Fate(fails=True), Fate()):
        leo.app.site.world.fate = fate
        ids.append(leo.post("/variations/upscale", id=image)["id"])

    def told() -> dict[str, tuple[str, bool]]:
        (generation,) = look(leo, f"/generations/user/{leo.user_id}")
        path = f"/generations/{generation['id']}"
        (one_image,) = look(leo, path)["generated_images"]
        assert (
            one_image["generated_image_variation_generics"]
            == (generation["generated_images"][0]["generated_image_variation_generics"])
        )
        return {
            made["id"]: (made["status"], made["url"] is not None)
            for made in one_image["generated_image_variation_generics"]
        }

    assert told() == dict.fromkeys(ids, ("PENDING", False))
    leo.advance(LONG_MS)
    wanted = [("ARCHIVED", True), ("FAILED", False), ("COMPLETE", True)]
    assert told() == dict(zip(ids[1:], wanted, strict=True))


def test_an_early_image_can_be_made_into_nothing() -> None:
    leo = Leo()
    leo.app.site.world.fate = Fate(partial=1)
    early = leo.generation(leo.order(**SMALL))["generated_images"][0]["id"]
    assert leo.refusal("/variations/upscale", id=early).error == "couldn't access image"


# --- blueprints -------------------------------------------------------------------------------


def run_under(leo: Leo, fate: Fate) -> str:
    leo.app.site.world.fate = fate
    return str(leo.post("/blueprint-executions", **RECIPE)["akUUID"])


def nodes(leo: Leo, execution: str) -> list[Json]:
    shown = look(leo, f"/blueprint-executions/{execution}/generations")
    return [edge["node"] for edge in shown["edges"]]


@pytest.mark.parametrize(
    ("fate", "run", "output"),
    [
        (Fate(), "COMPLETED", "COMPLETED"),
        (Fate(fails=True), "FAILED", "FAILED"),
        (Fate(never=True), "PENDING", "PENDING"),
        (Fate(status="ARCHIVED"), "ARCHIVED", "ARCHIVED"),
    ],
)
def test_a_run_and_what_comes_of_it_are_told_alike(fate: Fate, run: str, output: str) -> None:
    leo = Leo()
    execution = run_under(leo, fate)
    leo.advance(LONG_MS)
    assert look(leo, f"/blueprint-executions/{execution}")["status"] == run
    shown = nodes(leo, execution)
    assert {node["status"] for node in shown} == {output}
    for node in shown:
        single = look(leo, f"/generations/{node['generationId']}")["status"]
        assert single == {"COMPLETED": "COMPLETE"}.get(output, output)


@pytest.mark.parametrize("moderated", [True, False])
def test_a_run_tells_whether_moderation_has_stopped_it(*, moderated: bool) -> None:
    leo = Leo()
    execution = run_under(leo, Fate(fails=True, moderated=moderated))
    assert [node["failedReason"] for node in nodes(leo, execution)] == [None]
    leo.advance(LONG_MS)
    for node in nodes(leo, execution):
        assert (node["failedReason"] or {}).get("type") == (
            "PROMPT_MODERATION_BLOCKED" if moderated else None
        )


def test_a_run_that_is_gone_is_not_found() -> None:
    leo = Leo()
    execution = run_under(leo, Fate(null=True))
    (node,) = nodes(leo, execution)
    leo.advance(LONG_MS)
    answer = leo.ask("GET", f"/blueprint-executions/{execution}")
    assert answer.json()[0]["message"] == "Blueprint execution not found"
    assert nodes(leo, execution) == []
    assert look(leo, f"/generations/{node['generationId']}") is None


# --- files that never came, or are something else ----------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n..."


@pytest.mark.parametrize(
    ("rule", "content", "status"),
    [
        ("ignore", b"picture", "COMPLETE"),
        ("fail", b"picture", "FAILED"),
        ("fail", PNG, "COMPLETE"),
    ],
)
def test_what_is_not_as_announced_fails_the_job_where_the_rules_say_so(
    rule: str, content: bytes, status: str
) -> None:
    leo = Leo(rules={"upload.mismatch": rule})
    generation_id = leo.order(init_image_id=leo.uploaded(content))
    leo.advance(LONG_MS)
    assert leo.status(generation_id) == status


def test_what_never_came_fails_the_job_or_is_refused_at_once() -> None:
    leo = Leo()
    generation_id = leo.order(init_image_id=leo.post("/init-image", extension="png")["id"])
    leo.advance(LONG_MS)
    assert leo.status(generation_id) == "FAILED"

    leo = Leo(rules={"upload.missing": "refuse"})
    missing = leo.post("/init-image", extension="png")["id"]
    assert leo.refusal("/generations", prompt="a cat", init_image_id=missing).error == "invalid init image id"
    enlarging = leo.refusal("/variations/universal-upscaler", initImageId=missing)
    assert enlarging.error == "invalid init image id"
    mesh = leo.post("/models-3d/upload", modelExtension="obj", name="a chair")["modelId"]
    assert "modelAssetId" in leo.refusal("/generations-texture", modelAssetId=mesh, prompt="wood").error
