"""The catalogue: ids are well formed and unique, entries are graded, and none is missing."""

import json
import re
from collections import Counter

import pytest

from tests.contracts.documents import GRADES, UUID, Json, catalogue, contract, known_source, reference

# Each file, the key of its entries, and the key of an entry's id.
NOUNS = {
    "models": "id",
    "elements": "akUUID",
    "styles": "id",
    "preprocessors": "id",
    "blueprints": "akUUID",
}
ENTRIES: dict[str, list[Json]] = {noun: catalogue(noun)[noun] for noun in NOUNS}
VERSIONS: list[Json] = [version for blueprint in ENTRIES["blueprints"] for version in blueprint["versions"]]

FAMILIES = {
    *[
        "sd15",
        "sd21",
        "sdxl",
        "lightning",
        "phoenix",
        "flux",
        "flux_schnell",
        "kontext",
        "lucid",
        "ideogram",
        "unknown",
    ]
}
# The account that owns what is the platform's own.
PLATFORM = "384ab5c8-55d8-47a1-be22-6a274913c324"
# The only id in the lists of the reference that names none of these things.
NOT_IN_THE_CATALOGUE = {PLATFORM}


def schema(name: str) -> Json:
    return contract()["components"]["schemas"][name]


def graded(entry: Json) -> bool:
    return entry["evidence"] in GRADES and entry["source"] != [] and all(map(known_source, entry["source"]))


@pytest.mark.parametrize("noun", NOUNS)
def test_every_entry_and_every_file_is_graded(noun: str) -> None:
    whole = catalogue(noun)
    assert list(whole) == ["evidence", "source", "note", noun]
    assert graded(whole)
    assert [entry for entry in ENTRIES[noun] if not graded(entry)] == []


def test_every_version_of_a_blueprint_is_graded() -> None:
    assert [version for version in VERSIONS if not graded(version)] == []


@pytest.mark.parametrize("noun", NOUNS)
def test_what_is_assumed_is_a_field_of_the_entry(noun: str) -> None:
    for entry in [*ENTRIES[noun], *(VERSIONS if noun == "blueprints" else [])]:
        for field in entry.get("assumed", ()):
            found = entry
            for step in field.split("."):
                assert step in found, f"{entry} has no {field}"
                found = found[step]


@pytest.mark.parametrize("noun", NOUNS)
def test_ids_are_well_formed_and_unique(noun: str) -> None:
    ids = [entry[NOUNS[noun]] for entry in ENTRIES[noun]]
    assert [key for key, times in Counter(ids).items() if times > 1] == []
    if noun == "preprocessors":
        assert all(isinstance(key, int) and key > 0 for key in ids)
    else:
        assert [key for key in ids if UUID.fullmatch(key) is None] == []


def test_ids_inside_blueprints_are_well_formed_and_unique() -> None:
    ids = [version["akUUID"] for version in VERSIONS]
    ids += [node["nodeId"] for version in VERSIONS for node in [*version["inputs"], *version["outputs"]]]
    assert len(set(ids)) == len(ids)
    assert [key for key in ids if UUID.fullmatch(key) is None] == []


def test_a_model_says_what_the_contract_can_carry() -> None:
    bases = set(schema("sd_versions")["enum"])
    wild = bases | set(schema("sd_versions")["x-also-seen"])
    for model in ENTRIES["models"]:
        assert model["family"] in FAMILIES, model
        assert model["description"], model
        if not model["api"]:
            assert not model["listed"], model
            continue
        assert model["sd_version"] in bases, model
        assert model["sd_version_true"] in {None, *wild} - {model["sd_version"]}, model
        assert model["core_model"] in {"SD", "FLUX"}, model


def test_a_sample_image_has_ids_of_its_own() -> None:
    images = [model["image"] for model in ENTRIES["models"] if model["image"] is not None]
    ids = [image[key] for image in images for key in ("id", "generation_id")]
    assert len(set(ids)) == len(ids)
    assert [key for key in ids if UUID.fullmatch(key) is None] == []
    assert all(0 <= image["index"] < 8 for image in images)


def test_the_model_used_when_none_is_named_is_there() -> None:
    body = contract()["paths"]["/generations"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    default = body["properties"]["modelId"]["default"]
    (model,) = [model for model in ENTRIES["models"] if model["id"] == default]
    assert model["api"]
    assert model["listed"]


def test_an_elements_weight_lies_in_its_range() -> None:
    bases = {*schema("sd_versions")["enum"], *schema("sd_versions")["x-also-seen"]}
    for element in ENTRIES["elements"]:
        assert element["weight_min"] <= element["weight_default"] <= element["weight_max"], element
        assert element["base_model"] in bases, element
        assert element["description"], element


def test_styles_are_for_images_or_for_video() -> None:
    assert {style["kind"] for style in ENTRIES["styles"]} == {"image", "video"}
    assert [style["name"] for style in ENTRIES["styles"] if style.get("default")] == ["Dynamic"]


def test_a_preprocessor_names_known_families_and_steps() -> None:
    steps = set(schema("controlnet_input")["properties"]["strengthType"]["enum"])
    bases = {*schema("sd_versions")["enum"], *schema("sd_versions")["x-also-seen"]}
    for preprocessor in ENTRIES["preprocessors"]:
        assert set(preprocessor["families"]) <= FAMILIES - {"unknown"}, preprocessor
        assert set(preprocessor["sd_versions"]) <= bases, preprocessor
        assert set(preprocessor["strengths"]) <= steps, preprocessor
        assert (preprocessor["kind"] in {"style", "character", "content"}) == bool(preprocessor["strengths"])


def test_a_blueprint_asks_for_settings_and_platforms_of_the_contract() -> None:
    settings = set(schema("NodeInput")["properties"]["settingName"]["enum"])
    body = contract()["paths"]["/blueprints"]["get"]["requestBody"]["content"]["application/json"]["schema"]
    platforms = set(body["properties"]["platforms"]["items"]["enum"])
    assert {wish["settingName"] for version in VERSIONS for wish in version["inputs"]} <= settings
    for blueprint in ENTRIES["blueprints"]:
        assert set(blueprint["platforms"]) <= platforms, blueprint
        assert blueprint["versions"], blueprint
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z", blueprint["createdAt"]), blueprint


# --- against the reference, where there is one ------------------------------------------------


def recorded(name: str) -> Json:
    return json.loads(reference(f"recordings/{name}").read_text())


def known_ids(heading: str) -> set[str]:
    """Every id in one section of the fact sheet."""
    facts = reference("facts.md").read_text()
    section = re.split(r"^##", facts.split(f"\n### {heading} ", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return set(UUID.findall(section))


def test_every_recorded_model_is_listed_as_recorded() -> None:
    ours = {model["id"]: model for model in ENTRIES["models"]}
    theirs = recorded("platformModels.GET.200.json")["custom_models"]
    assert len(theirs) == 38
    for model in theirs:
        entry = ours[model["id"]]
        assert all(entry[key] == model[key] for key in ("name", "nsfw", "featured"))
        assert entry["listed"]
        assert entry["description"] != model["description"], "in the vendor's words"
        if model["generated_image"] is None:
            assert entry["image"] is None
        else:
            image, url = entry["image"], model["generated_image"]["url"]
            assert image["id"] == model["generated_image"]["id"]
            assert f"/generations/{image['generation_id']}/" in url
            assert url.rpartition(".")[0].endswith(f"_{image['index']}")


def test_every_recorded_element_has_its_true_weights() -> None:
    keys = {
        "name": "name",
        "creator": "creatorName",
        "base_model": "baseModel",
        "weight_default": "weightDefault",
        "weight_min": "weightMin",
        "weight_max": "weightMax",
    }
    ours = {element["akUUID"]: element for element in ENTRIES["elements"]}
    theirs = recorded("elements.GET.200.json")["loras"]
    assert len(theirs) == 31
    for lora in theirs:
        entry = ours[lora["akUUID"]]
        assert all(entry[key] == lora[theirs_key] for key, theirs_key in keys.items())
        assert entry["description"] != lora["description"], "in the vendor's words"


def test_every_known_model_is_there() -> None:
    ours = {model["id"] for model in ENTRIES["models"]}
    ours |= {model["image"]["id"] for model in ENTRIES["models"] if model["image"] is not None}
    known = known_ids("9.1")
    assert len(known) == 39
    assert known - ours == NOT_IN_THE_CATALOGUE


def test_every_known_element_is_there_and_no_other() -> None:
    lists = known_ids("9.3") | {lora["akUUID"] for lora in recorded("elements.GET.200.json")["loras"]}
    assert {element["akUUID"] for element in ENTRIES["elements"]} == lists


def test_every_known_style_is_there_and_no_other() -> None:
    assert {style["id"] for style in ENTRIES["styles"]} == known_ids("9.4")


def test_the_documented_blueprints_are_there() -> None:
    facts = reference("facts.md").read_text()
    for blueprint in ENTRIES["blueprints"]:
        assert (blueprint["evidence"] == "assumed") == (blueprint["akUUID"] not in facts), blueprint
    for version in VERSIONS:
        assert (version["evidence"] == "assumed") == (version["akUUID"] not in facts), version
