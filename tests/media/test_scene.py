import json
import struct
from collections.abc import Callable
from math import dist, isclose
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.media.scene import glb, obj

WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}
COMPONENTS = {5123: ("H", 2), 5126: ("f", 4)}


def parsed(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary chunk, with all the container's rules asserted."""
    magic, version, length = struct.unpack_from("<4sII", data)
    assert (magic, version, length) == (b"glTF", 2, len(data))
    chunks, at = [], 12
    while at < len(data):
        size, kind = struct.unpack_from("<I4s", data, at)
        assert size % 4 == 0
        chunks.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size
    assert at == len(data)
    assert [kind for kind, _ in chunks] == [b"JSON", b"BIN\0"]
    return json.loads(chunks[0][1].decode()), chunks[1][1]


def values(document: dict[str, Any], body: bytes, accessor: int) -> list[tuple[float, ...]]:
    described = document["accessors"][accessor]
    view = document["bufferViews"][described["bufferView"]]
    letter, size = COMPONENTS[described["componentType"]]
    width = WIDTHS[described["type"]]
    assert view["byteOffset"] % size == 0
    assert view["byteOffset"] + view["byteLength"] <= document["buffers"][0]["byteLength"]
    assert view["byteLength"] == described["count"] * width * size
    part = body[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    return list(struct.iter_unpack(f"<{width}{letter}", part))


@settings(deadline=None, max_examples=20)
@given(st.integers(), st.text(alphabet=st.characters()))
def test_a_glb_is_a_model_that_can_be_shown(seed: int, prompt: str) -> None:
    document, body = parsed(glb(seed=seed, prompt=prompt))
    assert document["asset"]["version"] == "2.0"
    assert document["scenes"][document["scene"]]["nodes"] == [0]
    assert 0 <= len(body) - document["buffers"][0]["byteLength"] <= 3
    (primitive,) = document["meshes"][document["nodes"][0]["mesh"]]["primitives"]
    positions, normals, uvs = (
        values(document, body, primitive["attributes"][name]) for name in ("POSITION", "NORMAL", "TEXCOORD_0")
    )
    indices = [int(index) for (index,) in values(document, body, primitive["indices"])]

    bounds = document["accessors"][primitive["attributes"]["POSITION"]]
    assert bounds["min"] == [min(axis) for axis in zip(*positions, strict=True)]
    assert bounds["max"] == [max(axis) for axis in zip(*positions, strict=True)]
    assert len(positions) == len(normals) == len(uvs) == max(indices) + 1
    assert all(isclose(dist(normal, (0, 0, 0)), 1, rel_tol=1e-5) for normal in normals)
    assert all(0 <= part <= 1 for uv in uvs for part in uv)
    colour = document["materials"][primitive["material"]]["pbrMetallicRoughness"]["baseColorFactor"]
    assert len(colour) == 4
    assert all(0 <= part <= 1 for part in colour)
    for triangle in zip(*[iter(indices)] * 3, strict=True):
        assert faces_outwards(*(positions[index] for index in triangle))


def faces_outwards(a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> bool:
    """Whether the corners turn counter-clockwise as seen from outside a body around the origin."""
    (ux, uy, uz), (vx, vy, vz) = ([end - start for start, end in zip(a, to, strict=True)] for to in (b, c))
    across = (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)
    return sum(part * (p + q + r) for part, p, q, r in zip(across, a, b, c, strict=True)) > 0


@pytest.mark.parametrize("prompt", ["", "a stone", "half \ud800", "\0", "猫", "x" * 10_000])
def test_every_prompt_is_a_name(prompt: str) -> None:
    document, _ = parsed(glb(seed=1, prompt=prompt))
    assert document["nodes"][0]["name"] == prompt[:200].replace("\ud800", "?")


def test_seed_and_prompt_matter() -> None:
    drawn = [glb(seed=1, prompt="a"), glb(seed=2, prompt="a"), glb(seed=1, prompt="b")]
    assert len({parsed(data)[1] for data in drawn}) == len(drawn)
    assert obj(seed=1) != obj(seed=2)


def test_another_process_draws_the_same(drawn_alike_elsewhere: Callable[[str, bytes], None]) -> None:
    drawn_alike_elsewhere(
        "scene.glb(seed=1, prompt='a') + scene.obj(seed=1)", glb(seed=1, prompt="a") + obj(seed=1)
    )


def test_an_obj_names_only_what_it_has() -> None:
    lines = [line.split() for line in obj(seed=1).decode("ascii").splitlines()]
    corners = [
        [int(number) for number in corner.split("/")]
        for line in lines
        if line[0] == "f"
        for corner in line[1:]
    ]
    counts = [sum(line[0] == kind for line in lines) for kind in ("v", "vt", "vn")]
    assert all(
        1 <= number <= count for corner in corners for number, count in zip(corner, counts, strict=True)
    )
    assert [max(numbers) for numbers in zip(*corners, strict=True)] == counts
    positions = [tuple(float(part) for part in line[1:]) for line in lines if line[0] == "v"]
    for a, b, c in zip(*[iter(corners)] * 3, strict=True):
        assert faces_outwards(*(positions[corner[0] - 1] for corner in (a, b, c)))
