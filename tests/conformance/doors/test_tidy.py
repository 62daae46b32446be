"""What was made is known by the contract's own links, and nothing else is."""

import json

import pytest

from mockleo import contracts
from mockleo.conformance.door import Answer
from mockleo.conformance.doors.tidy import Made, is_deleted

OPENAPI = contracts.openapi()


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    ("operation", "body", "name", "path"),
    [
        ("createGeneration", {"sdGenerationJob": {"generationId": "a1"}}, "a1", "/generations/a1"),
        ("createSVDMotionGeneration", {"motionSvdGenerationJob": {"generationId": "a1"}}, "a1",
         "/generations/a1"),
        ("createDataset", {"insert_datasets_one": {"id": "a1"}}, "a1", "/datasets/a1"),
        ("createElement", {"sdTrainingJob": {"userLoraId": 60001}}, "60001", "/elements/60001"),
        ("createModel", {"sdTrainingJob": {"customModelId": "a1"}}, "a1", "/models/a1"),
        ("uploadInitImage", {"uploadInitImage": {"id": "a1"}}, "a1", "/init-image/a1"),
        ("uploadMedia", {"uploadMedia": {"uploadId": "a1"}}, "a1", "/media/a1"),
        ("uploadModelAsset", {"uploadModelAsset": {"modelId": "a1"}}, "a1", "/models-3d/a1"),
        ("createTextureGeneration", {"textureGenerationJob": {"id": "a1"}}, "a1", "/generations-texture/a1"),
    ],
)  # fmt: skip
def test_what_is_made_is_remembered(operation: str, body: object, name: str, path: str) -> None:
    made = Made(OPENAPI)
    assert made.note(operation, answer(body)) == name
    assert made.is_ours(name)
    (thing,) = made.things()
    assert thing.path == path
    assert made.left_behind() == [f"{name}, made by {operation}"]
    made.forget(name)
    assert not made.things()
    assert not made.is_ours(name)


def test_every_operation_that_deletes_has_one_that_makes() -> None:
    """A path with a DELETE, and no POST whose answer leads to it, would leave things behind."""
    deleting = {item["delete"]["operationId"] for item in OPENAPI["paths"].values() if "delete" in item}
    assert {link.delete for link in Made(OPENAPI)._links.values()} == deleting


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("createGeneration", answer({"sdGenerationJob": {"generationId": "a1"}}, 500)),
        ("createGeneration", answer({"sdGenerationJob": None})),
        ("createGeneration", answer({"sdGenerationJob": {"generationId": ""}})),
        ("createGeneration", answer({"sdGenerationJob": {"generationId": True}})),
        ("createGeneration", answer([])),
        ("createGeneration", Answer(status=200, body=b"{")),
        # What somebody reads is not his.
        ("getGenerationById", answer({"generations_by_pk": {"id": "a1"}})),
        ("getUserSelf", answer({"user_details": [{"user": {"id": "a1"}}]})),
    ],
)  # fmt: skip
def test_nothing_else_is_ours(operation: str, told: Answer) -> None:
    made = Made(OPENAPI)
    assert made.note(operation, told) is None
    assert not made.is_ours("a1")
    assert not made.left_behind()


def test_the_newest_goes_first() -> None:
    made = Made(OPENAPI)
    for name in ("a1", "a2", "a3"):
        made.note("createDataset", answer({"insert_datasets_one": {"id": name}}))
    assert [thing.id for thing in made.things()] == ["a3", "a2", "a1"]


def test_what_cannot_be_deleted_or_known_is_told() -> None:
    made = Made(OPENAPI)
    made.note("createVariationUpscale", answer({"sdUpscaleJob": {"id": "a1"}}))
    made.note_lost("createGeneration")
    made.note_lost("getUserSelf")
    assert made.left_behind() == [
        "what createVariationUpscale has made: the API cannot delete it",
        "what createGeneration has made, if anything: its answer was lost",
    ]


@pytest.mark.parametrize(
    ("told", "gone"),
    [
        (answer({"delete_datasets_by_pk": {"id": "a1"}}), True),
        (answer({"delete_datasets_by_pk": None}), False),
        (answer({"delete_datasets_by_pk": {"id": "a1"}}, 500), False),
        (answer([]), False),
        (Answer(status=200, body=b"{"), False),
        (Answer(status=200, body=b"\xff"), False),
    ],
)
def test_whether_it_is_deleted(told: Answer, *, gone: bool) -> None:
    assert is_deleted(told) is gone
