"""A small 3D model: a pebble in the seed's shape and colour, as binary glTF 2.0 or as Wavefront OBJ.

The mesh is a cube, each face cut into `CUTS` x `CUTS` squares, blown up to a ball and stretched along its
axes. It takes square roots and no sines: those are the same to the last bit on every machine.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from math import sqrt

from mockleo.media.chance import Chance, mark

Point = tuple[float, float, float]

CUTS = 6
NAME_CHARACTERS_MAX = 200

# Each face of the cube: out of the face, then the directions of growing u and v, right-handed.
FACES: tuple[tuple[Point, Point, Point], ...] = (
    ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    ((0, 1, 0), (1, 0, 0), (0, 0, -1)),
    ((0, -1, 0), (1, 0, 0), (0, 0, 1)),
    ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    ((0, 0, -1), (-1, 0, 0), (0, 1, 0)),
)

# glTF's numbers for what a view or an accessor holds.
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34_962, 34_963
UNSIGNED_SHORT, FLOAT = 5_123, 5_126


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """Triangles, counter-clockwise from outside; position, normal and UV (0..1, v upwards) by vertex."""

    positions: tuple[Point, ...]
    normals: tuple[Point, ...]
    uvs: tuple[tuple[float, float], ...]
    triangles: tuple[tuple[int, int, int], ...]


def glb(*, seed: int, prompt: str) -> bytes:
    """A binary glTF 2.0 file: one mesh, one material, the prompt as the node's name."""
    chance = Chance("scene", seed, prompt)
    mesh = _pebble(chance)
    views = (
        b"".join(struct.pack("<3f", *point) for point in mesh.positions),
        b"".join(struct.pack("<3f", *point) for point in mesh.normals),
        b"".join(struct.pack("<2f", *uv) for uv in mesh.uvs),
        b"".join(struct.pack("<3H", *triangle) for triangle in mesh.triangles),
    )
    document = _document(mesh, views, colour=[chance.between(20, 95) / 100 for _ in range(3)])
    document["asset"] = {"version": "2.0", "generator": f"mockleo {mark('scene', seed, prompt)}"}
    # Half a surrogate pair is legal in a JSON escape and refused by strict readers.
    document["nodes"] = [{"mesh": 0, "name": prompt[:NAME_CHARACTERS_MAX].encode(errors="replace").decode()}]
    # Padded with what each chunk's format says: spaces and zeros.
    header = json.dumps(document, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 4)
    body = b"".join(views)
    body += bytes(-len(body) % 4)
    chunks = (
        struct.pack("<I4s", len(header), b"JSON") + header + struct.pack("<I4s", len(body), b"BIN\0") + body
    )
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def obj(*, seed: int) -> bytes:
    """The same kind of pebble as Wavefront OBJ: positions, UVs, normals, triangles."""
    mesh = _pebble(Chance("scene", seed))
    return "\n".join(
        (
            f"# mockleo {mark('scene', seed)}",
            "o pebble",
            *("v {:.6f} {:.6f} {:.6f}".format(*point) for point in mesh.positions),
            *("vt {:.6f} {:.6f}".format(*uv) for uv in mesh.uvs),
            *("vn {:.6f} {:.6f} {:.6f}".format(*point) for point in mesh.normals),
            # OBJ counts from 1.
            *("f " + " ".join(f"{i + 1}/{i + 1}/{i + 1}" for i in triangle) for triangle in mesh.triangles),
            "",
        )
    ).encode("ascii")


def _pebble(chance: Chance) -> Mesh:
    positions: list[Point] = []
    normals: list[Point] = []
    uvs: list[tuple[float, float]] = []
    triangles: list[tuple[int, int, int]] = []
    radii = tuple(chance.between(40, 100) / 100 for _ in range(3))
    for face in FACES:
        first = len(positions)
        for row in range(CUTS + 1):
            for column in range(CUTS + 1):
                u, v = column / CUTS, row / CUTS
                ball = _unit(_on_cube(face, u, v))
                positions.append((ball[0] * radii[0], ball[1] * radii[1], ball[2] * radii[2]))
                # Where the ball is stretched its surface turns away from that axis.
                normals.append(_unit((ball[0] / radii[0], ball[1] / radii[1], ball[2] / radii[2])))
                uvs.append((u, v))
        for row in range(CUTS):
            for column in range(CUTS):
                corner = first + row * (CUTS + 1) + column
                above = corner + CUTS + 1
                triangles += [(corner, corner + 1, above + 1), (corner, above + 1, above)]
    return Mesh(
        positions=tuple(positions), normals=tuple(normals), uvs=tuple(uvs), triangles=tuple(triangles)
    )


def _on_cube(face: tuple[Point, Point, Point], u: float, v: float) -> Point:
    out, across, up = face
    x, y, z = (out[i] + (2 * u - 1) * across[i] + (2 * v - 1) * up[i] for i in range(3))
    return x, y, z


def _unit(point: Point) -> Point:
    x, y, z = point
    length = sqrt(x * x + y * y + z * z)
    return x / length, y / length, z / length


def _document(mesh: Mesh, views: tuple[bytes, ...], *, colour: list[float]) -> dict[str, object]:
    vertices = len(mesh.positions)
    # The bounds are compared with the stored numbers, and those are single precision.
    axes = list(zip(*struct.iter_unpack("<3f", views[0]), strict=True))
    starts = [sum(len(view) for view in views[:number]) for number in range(len(views))]
    return {
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {"POSITION": 0, "NORMAL": 1, "TEXCOORD_0": 2},
                        "indices": 3,
                        "material": 0,
                    }
                ]
            }
        ],
        "materials": [
            {
                "pbrMetallicRoughness": {
                    "baseColorFactor": [*colour, 1],
                    "metallicFactor": 0,
                    "roughnessFactor": 0.8,
                }
            }
        ],
        "accessors": [
            _accessor(0, FLOAT, "VEC3", vertices)
            | {"min": [min(axis) for axis in axes], "max": [max(axis) for axis in axes]},
            _accessor(1, FLOAT, "VEC3", vertices),
            _accessor(2, FLOAT, "VEC2", vertices),
            _accessor(3, UNSIGNED_SHORT, "SCALAR", 3 * len(mesh.triangles)),
        ],
        "bufferViews": [
            {
                "buffer": 0,
                "byteOffset": start,
                "byteLength": len(view),
                "target": ELEMENT_ARRAY_BUFFER if number == 3 else ARRAY_BUFFER,
            }
            for number, (start, view) in enumerate(zip(starts, views, strict=True))
        ],
        # Without padding: the chunk may be up to three bytes longer than its buffer.
        "buffers": [{"byteLength": sum(len(view) for view in views)}],
    }


def _accessor(view: int, component: int, shape: str, count: int) -> dict[str, object]:
    return {"bufferView": view, "componentType": component, "type": shape, "count": count}
