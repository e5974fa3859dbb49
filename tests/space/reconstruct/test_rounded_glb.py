import gzip
import shutil

import numpy as np
from pygltflib import GLTF2

from space.reconstruct.rounded_glb import STEPS, round_glb


def positions(path) -> np.ndarray:
    glb = GLTF2().load(str(path))
    accessor = glb.accessors[glb.meshes[0].primitives[0].attributes.POSITION]
    view = glb.bufferViews[accessor.bufferView]
    content = glb.binary_blob()[view.byteOffset : view.byteOffset + view.byteLength]
    return np.frombuffer(content, "<f4").reshape(-1, 3)


def test_a_rounded_head_is_the_same_head_and_is_sent_smaller(tmp_path, astronaut_face):
    exact = astronaut_face.save(tmp_path / "exact.glb")
    rounded = shutil.copy(exact, tmp_path / "rounded.glb")
    round_glb(rounded)
    apart = np.abs(positions(exact) - positions(rounded)).max()
    assert 0 < apart <= STEPS["POSITION"] / 2
    small, large = (len(gzip.compress(path.read_bytes())) for path in (rounded, exact))
    assert small < 0.85 * large
    names = [GLTF2().load(str(path)).meshes[0].extras["targetNames"] for path in (exact, rounded)]
    assert names[0] == names[1]
