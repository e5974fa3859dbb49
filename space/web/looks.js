// How a head can look besides its own texture.

import { DoubleSide, MeshBasicMaterial, MeshNormalMaterial, MeshStandardMaterial } from "../vendor/three/three.bundle.js";

export const LOOKS = ["textured", "shaded", "wireframe", "normals"];

/** Materials by look; "wires" lie over the wireframe. */
export function makeLooks() {
  const clay = { color: 0xc9ccd1, roughness: 0.62, metalness: 0, side: DoubleSide };
  const under = { polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 };
  return {
    shaded: new MeshStandardMaterial(clay),
    wireframe: new MeshStandardMaterial({ ...clay, ...under, color: 0x2a3b4d }),
    wires: new MeshBasicMaterial({ color: 0x5eead4, wireframe: true }),
    normals: new MeshNormalMaterial({ side: DoubleSide }),
  };
}
