"""Named vertex masks of the head, measured on the mean adult (MakeHuman frame, decimetres)."""

import numpy as np
from numpy.typing import NDArray

from eval.meshes.rays import cast_along_z
from tools.head_model.topology import HeadTopology, triangles_from_quads

Mask = NDArray[np.bool_]

# A vertex counts as outside if it is visible from one of these directions (yaw, pitch; degrees).
VIEWS_DEG = [(yaw, pitch) for yaw in (-80, -40, 0, 40, 80) for pitch in (-30, 0, 30)]
SEEN_WITHIN_DM = 0.02
EYEBALL_RADIUS_FACTOR = 2.0


def name_regions(topology: HeadTopology, adult: NDArray[np.float64]) -> dict[str, Mask]:
    """Masks over the head's vertices.

    `face` is roughly what BFM without ears and neck covers: forehead to chin, ear to ear.

    Args:
        topology: the cut head.
        adult: (V, 3) the mean adult's kept vertices, decimetres.

    Returns:
        name -> (V,) bool.
    """
    x, y, z = np.abs(adult[:, 0]), adult[:, 1], adult[:, 2]
    masks = _part_masks(topology, len(adult))
    outside = _seen_from_outside(topology, adult)
    skin = masks["skin"]
    jaw_line = 6.65 - 0.63 * (z - 0.62)
    in_socket = np.char.startswith(topology.islands, "eye_socket")
    sockets = _vertices_of(topology, in_socket, len(adult))
    face = skin & outside & ~sockets & (z > 0.62) & (y > jaw_line) & (y < 8.05)
    ears = skin & outside & (x > 0.69) & (z > 0.2) & (z < 0.66) & (y > 6.85) & (y < 7.45)
    eye_centre = adult[masks["eyeballs"] & (adult[:, 0] > 0)].mean(axis=0)
    to_eye = np.linalg.norm(np.stack([x, y, z], axis=1) - eye_centre, axis=1)
    mouth_height = np.abs(y - 6.68)
    lip_height = 0.115 * np.sqrt(np.clip(1 - (x / 0.24) ** 2, 0, 1))
    front = z > 1.2
    masks |= {
        "face": face,
        "ears": ears & ~face,
        "eye_sockets": sockets,
        "eyes": face & (to_eye < 0.155 * EYEBALL_RADIUS_FACTOR),
        "brows": face & (x > 0.07) & (x < 0.58) & (y > 7.43) & (y < 7.62),
        "nose": face & front & (x < 0.21) & (y > 6.87) & (y < 7.42),
        "mouth": face & front & (x < 0.30) & (mouth_height < 0.16),
        "lips": face & front & (mouth_height < lip_height),
        "jaw": face & (y < 6.62) & ~(front & (x < 0.30) & (mouth_height < 0.16)),
    }
    return masks


def _part_masks(topology: HeadTopology, count: int) -> dict[str, Mask]:
    def of_groups(*names: str) -> Mask:
        return _vertices_of(topology, np.isin(topology.groups, names), count)

    cavity = _vertices_of(topology, topology.islands == "mouth_cavity", count)
    body = of_groups("body")
    rest = _vertices_of(
        topology, (topology.groups == "body") & (topology.islands != "mouth_cavity"), count
    )
    return {
        "eyeballs": of_groups("helper-l-eye", "helper-r-eye"),
        "teeth": of_groups("helper-upper-teeth", "helper-lower-teeth"),
        "tongue": of_groups("helper-tongue"),
        "inner_mouth": cavity & ~rest,
        "skin": body & rest,
    }


def _vertices_of(topology: HeadTopology, quads: Mask, count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[topology.quads[quads].ravel()] = True
    return mask


def _seen_from_outside(topology: HeadTopology, adult: NDArray[np.float64]) -> Mask:
    triangles = triangles_from_quads(topology.quads)
    seen = np.zeros(len(adult), dtype=bool)
    for yaw, pitch in np.radians(VIEWS_DEG):
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        nod = np.array(
            [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
        )
        turned = adult @ (nod @ turn).T
        hits = cast_along_z(turned, triangles, turned[:, :2])
        seen |= hits.hit & (hits.depth < turned[:, 2] + SEEN_WITHIN_DM)
    return seen
