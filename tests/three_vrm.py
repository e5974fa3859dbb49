"""A VRM file opened in a browser by pixiv's three-vrm, which did not write it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.npm_packages import installed

PACKAGES = ("three@0.187.0", "@pixiv/three-vrm@3.5.5")
ORIGIN = "http://vrm.test/"
_PAGE = """<!doctype html><html><head>
<script type="importmap">{"imports": {
  "three": "/node_modules/three/build/three.module.js",
  "three/addons/": "/node_modules/three/examples/jsm/",
  "vrm": "/node_modules/@pixiv/three-vrm/lib/three-vrm.module.min.js"}}</script>
<style>body { margin: 0 }</style></head><body></body></html>"""
_OPEN = """async () => {
  const THREE = await import("three");
  const { GLTFLoader } = await import("three/addons/loaders/GLTFLoader.js");
  const { VRMLoaderPlugin } = await import("vrm");
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.loadAsync("/head.vrm");
  const vrm = gltf.userData.vrm;
  const scene = new THREE.Scene();
  scene.background = new THREE.Color(0xdddddd);
  scene.add(vrm.scene, new THREE.HemisphereLight(0xffffff, 0x999999, 2.2));
  const sun = new THREE.DirectionalLight(0xffffff, 1.2);
  sun.position.set(1, 3, 3);
  scene.add(sun);
  vrm.scene.updateMatrixWorld(true);
  window.THREE = THREE;
  window.vrm = vrm;
  window.scene = scene;
  // Every vertex of a mesh where it is drawn, after morph targets and bones: float64 in base64.
  window.points = (name) => {
    vrm.update(0);
    vrm.scene.updateMatrixWorld(true);
    const mesh = vrm.scene.getObjectByName(name);
    mesh.skeleton.update();
    const { count } = mesh.geometry.attributes.position;
    const point = new THREE.Vector3(), all = new Float64Array(3 * count);
    for (let i = 0; i < count; i++) {
      mesh.getVertexPosition(i, point);
      point.applyMatrix4(mesh.matrixWorld).toArray(all, 3 * i);
    }
    const bytes = new Uint8Array(all.buffer), parts = [];
    for (let at = 0; at < bytes.length; at += 8192) {
      parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
    }
    return btoa(parts.join(""));
  };
  window.reset = () => {
    vrm.expressionManager.resetValues();
    vrm.humanoid.resetNormalizedPose();
    vrm.lookAt.target = null;
    vrm.lookAt.reset();
  };
  // A picture of the head's surroundings; the camera looks along -z, at the face.
  window.draw = (side, from = [0, 0.04, 0.75]) => {
    vrm.update(0);
    const renderer = new THREE.WebGLRenderer({antialias: true, preserveDrawingBuffer: true});
    renderer.setSize(side, side);
    document.body.replaceChildren(renderer.domElement);
    const camera = new THREE.PerspectiveCamera(26, 1, 0.01, 20);
    const head = vrm.humanoid.getRawBoneNode("head").getWorldPosition(new THREE.Vector3());
    head.y += 0.04;
    camera.position.copy(head).add(new THREE.Vector3(...from));
    camera.lookAt(head);
    renderer.render(scene, camera);
  };
}"""
_TYPES = {".js": "text/javascript", ".vrm": "model/gltf-binary"}


@contextmanager
def opened_vrm(browser: Any, content: bytes) -> Iterator[Any]:
    """A page with `vrm`, `THREE`, `points(NODE)`, `reset()` and `draw(SIDE)` in its window."""
    folder = installed(*PACKAGES)

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        kind = _TYPES.get(Path(path).suffix, "text/html")
        body = content if path == "head.vrm" else _PAGE.encode()
        if path.startswith("node_modules/"):
            body = (folder / path).read_bytes()
        route.fulfill(body=body, content_type=kind)

    page = browser.new_page()
    page.set_viewport_size({"width": 640, "height": 640})
    page.route(f"{ORIGIN}**", answer)
    page.goto(ORIGIN)
    page.evaluate(_OPEN)
    yield page
    page.close()
