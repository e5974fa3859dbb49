// One WebGL scene with one head: camera, lights, looks. Draws only when something has changed.

import {
  Box3, DirectionalLight, DoubleSide, FrontSide, Group, HemisphereLight, Mesh, OrbitControls,
  PCFShadowMap, PerspectiveCamera, Scene, Spherical, Vector3, WebGLRenderer,
} from "../vendor/three/three.bundle.js";
import { makeLooks } from "./looks.js";
import { Morph } from "./morph.js";
import { hasGraphicsCard, Pace } from "./pace.js";

const FIELD_OF_VIEW_DEG = 24; // narrow: a portrait lens
const KEY_STEP_RAD = Math.PI / 18;
const KEY_ZOOM = 0.9;
const MAX_PIXEL_RATIO = 2;

export class Stage {
  /** @param {HTMLCanvasElement} canvas its canvas; throws if WebGL 2 is unavailable. */
  constructor(canvas) {
    this.canvas = canvas;
    const hasCard = hasGraphicsCard();
    this.renderer = new WebGLRenderer({ canvas, antialias: hasCard, alpha: true });
    this.renderer.shadowMap.enabled = true;
    this.renderer.shadowMap.type = PCFShadowMap;
    this.scene = new Scene();
    this.turntable = new Group(); // what sways; the head hangs below it
    this.scene.add(this.turntable);
    this.camera = new PerspectiveCamera(FIELD_OF_VIEW_DEG, 1, 0.01, 20);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.enablePan = false;
    canvas.style.touchAction = "pan-y"; // a finger that moves up or down scrolls the page
    this.controls.addEventListener("change", () => this.wantsFrame());
    this.controls.addEventListener("start", () => { this.isTurned = true; });
    this.looks = makeLooks();
    this.look = "textured";
    this.addLights();
    this.head = null;
    this.beforeFrame = null; // called with seconds since the last frame; true wants another one
    this.lastFrame_ms = 0;
    this.pace = new Pace(this.renderer.getContext(), hasCard,
      () => this.isWanted && this.wantsFrame(), () => this.drawStill());
    this.sharpness = 1;
    this.photoView = null;
    this.frame = 0;
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(canvas.parentElement);
    canvas.addEventListener("keydown", (event) => this.onKey(event));
    canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
    canvas.addEventListener("webglcontextrestored", () => this.wantsFrame());
  }

  addLights() {
    this.scene.add(new HemisphereLight(0xffffff, 0xb9b2aa, 1.7));
    this.lamp = new DirectionalLight(0xfff6ec, 1.9);
    this.lamp.castShadow = true;
    this.lamp.shadow.mapSize.set(1024, 1024);
    this.lamp.shadow.radius = 5;
    this.lamp.shadow.normalBias = 0.003;
    this.lamp.shadow.bias = -0.0004;
    this.scene.add(this.lamp, this.lamp.target);
    this.light = { azimuth_deg: 25, elevation_deg: 25 };
  }

  /** Replaces the current head by a loaded glTF; returns its mesh. */
  show(gltf) {
    this.clear();
    const meshes = []; // the head, then its hair if the file has any
    gltf.scene.traverse((node) => { if (node.isMesh) meshes.push(node); });
    const mesh = meshes[0];
    if (!mesh) throw new Error("the file holds no head");
    const parts = meshes.map((part) => this.prepared(part, mesh.morphTargetInfluences));
    this.head = { root: gltf.scene, parts };
    this.turntable.add(gltf.scene);
    this.box = meshes.reduce((box, part) => box.union(restBox(part)), new Box3());
    this.setLook(this.look);
    this.setLight(this.light.azimuth_deg, this.light.elevation_deg);
    this.resetView();
    return mesh;
  }

  prepared(mesh, influences) {
    mesh.morphTargetInfluences = influences; // one array: all parts move together
    mesh.castShadow = mesh.receiveShadow = true;
    mesh.frustumCulled = false;
    if (mesh.material.name === "hair") mesh.material.side = DoubleSide;
    else Object.assign(mesh.material, { side: FrontSide, shadowSide: DoubleSide }); // it is closed
    return { mesh, material: mesh.material, morph: new Morph(mesh.geometry), wires: this.wires(mesh) };
  }

  wires(mesh) {
    const wires = new Mesh(mesh.geometry, this.looks.wires);
    wires.frustumCulled = false;
    mesh.add(wires);
    return wires;
  }

  setLook(look) {
    this.look = look;
    if (!this.head) return;
    for (const { mesh, material, wires } of this.head.parts) {
      mesh.material = look === "textured" ? material : this.looks[look];
      wires.visible = look === "wireframe";
    }
    this.wantsFrame();
  }

  /** Direction of the light, as seen from the head: 0, 0 is straight ahead. */
  setLight(azimuth_deg, elevation_deg) {
    this.light = { azimuth_deg, elevation_deg };
    if (!this.box) return;
    const middle = this.box.getCenter(new Vector3());
    const radius = this.box.getSize(new Vector3()).length() / 2;
    const down_rad = ((90 - elevation_deg) * Math.PI) / 180;
    const way = new Spherical(3 * radius, down_rad, (azimuth_deg * Math.PI) / 180);
    this.lamp.position.setFromSpherical(way).add(middle);
    this.lamp.target.position.copy(middle);
    const shadow = this.lamp.shadow.camera;
    shadow.left = shadow.bottom = -radius;
    shadow.right = shadow.top = radius;
    shadow.near = radius;
    shadow.far = 5 * radius;
    shadow.updateProjectionMatrix();
    this.wantsFrame();
  }

  /** Puts the camera in front of the head, as near as the head still fits. */
  resetView() {
    this.isTurned = false;
    if (!this.box) return;
    this.turntable.rotation.set(0, 0, 0);
    const size = this.box.getSize(new Vector3());
    const middle = this.box.getCenter(new Vector3());
    const half = Math.tan((FIELD_OF_VIEW_DEG * Math.PI) / 360);
    const tall = Math.max(size.y, Math.hypot(size.x, 0.4 * size.z) / this.camera.aspect);
    const away = (0.54 * tall) / half + size.z / 2;
    this.controls.target.copy(middle);
    this.controls.minDistance = 0.35 * away;
    this.controls.maxDistance = 3 * away;
    this.camera.position.set(middle.x, middle.y + 0.05 * away, middle.z + away);
    this.controls.update();
    this.wantsFrame();
  }

  /** Shows the head in its photo's view, or (null) in free view; see `photoCamera`. */
  lookAsPhoto(view) {
    this.photoView = view;
    this.controls.enabled = !view;
    this.turntable.rotation.set(0, 0, 0);
    this.wantsFrame();
  }

  /** Orthographic camera in the photo's view; the photo fills the stage's central square. */
  photoCamera() {
    const { rotation: [right, up, back], scale, translation: [x, y], side } = this.photoView;
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    const step = side / Math.min(width, height); // photo pixels a pixel of the stage
    const left = (side - width * step) / 2 - 0.5;
    const top = (side - height * step) / 2 - 0.5;
    const camera = (this.fromPhoto ??= new PerspectiveCamera());
    camera.matrixAutoUpdate = false;
    camera.matrixWorldNeedsUpdate = true;
    const row = (axis) => [right[axis], up[axis], back[axis], 2 * back[axis]]; // from 2 m away
    camera.matrix.set(...row(0), ...row(1), ...row(2), 0, 0, 0, 1);
    const sides = [left - x, left + width * step - x, y - top, y - top - height * step];
    camera.projectionMatrix.makeOrthographic(...sides.map((pixels) => pixels / scale), 0.5, 4);
    camera.projectionMatrixInverse.copy(camera.projectionMatrix).invert();
    return camera;
  }

  onKey(event) {
    const turns = {
      ArrowLeft: [-KEY_STEP_RAD, 0], ArrowRight: [KEY_STEP_RAD, 0],
      ArrowUp: [0, -KEY_STEP_RAD], ArrowDown: [0, KEY_STEP_RAD],
    };
    const zooms = { "+": KEY_ZOOM, "=": KEY_ZOOM, "-": 1 / KEY_ZOOM };
    if (event.ctrlKey || event.metaKey || event.altKey || this.photoView) return;
    if (event.key in turns) this.orbit(...turns[event.key], 1);
    else if (event.key in zooms) this.orbit(0, 0, zooms[event.key]);
    else if (event.key === "Home") this.resetView();
    else return;
    event.preventDefault();
  }

  orbit(turn_rad, tilt_rad, zoom) {
    this.isTurned = true;
    const offset = this.camera.position.clone().sub(this.controls.target);
    const way = new Spherical().setFromVector3(offset);
    way.theta += turn_rad;
    way.phi += tilt_rad;
    way.radius *= zoom;
    way.makeSafe();
    this.camera.position.setFromSpherical(way).add(this.controls.target);
    this.controls.update();
    this.wantsFrame();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    if (!width || !height) return;
    this.setSize();
    this.camera.aspect = width / height;
    this.camera.updateProjectionMatrix();
    if (!this.isTurned) this.resetView(); // it must fit the new shape
    this.render(); // now: the canvas is empty
  }

  setSize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.parentElement;
    const ratio = this.sharpness * Math.min(devicePixelRatio, MAX_PIXEL_RATIO);
    this.renderer.setPixelRatio(Math.min(ratio, MAX_PIXEL_RATIO));
    this.renderer.setSize(width, height, false);
  }

  /** Draws at the next chance: not before the last picture is finished. */
  wantsFrame() {
    this.isWanted = true;
    if (this.frame || this.isGone || this.pace.isBusy) return;
    this.frame = requestAnimationFrame((now_ms) => this.draw(now_ms));
  }

  get isSeen() { return Boolean(this.canvas.offsetParent || document.fullscreenElement); }

  draw(now_ms) {
    this.frame = 0;
    this.isWanted = false;
    if (!this.isSeen) return; // another tab is open; `resize` wakes it
    const between_ms = now_ms - this.lastFrame_ms;
    this.lastFrame_ms = now_ms;
    const goesOn = this.beforeFrame?.(Math.min(between_ms / 1000, 0.1)) ?? false;
    this.take(this.pace.effort);
    this.render();
    this.pace.drew();
    if (goesOn) this.wantsFrame();
  }

  /** Nothing moves any more: all its pixels are there again. */
  drawStill() {
    if (!this.isSeen) return;
    this.take(this.pace.still);
    this.render();
  }

  render() {
    for (const { mesh, morph } of this.head?.parts ?? []) morph.apply(mesh.morphTargetInfluences);
    this.renderer.render(this.scene, this.photoView ? this.photoCamera() : this.camera);
  }

  /** How much effort the next pictures take; see `Pace`. */
  take({ hasShadows, sharpness }) {
    if (!hasShadows) this.lamp.castShadow = false; // for good: a shadow that comes and goes is worse
    if (sharpness === this.sharpness) return;
    this.sharpness = sharpness;
    this.setSize();
  }

  /** The current picture as a PNG. */
  picture() {
    this.take(this.pace.still);
    this.render(); // a canvas forgets once it was shown
    return new Promise((done) => this.canvas.toBlob(done, "image/png"));
  }

  /** Removes the head and frees its memory. */
  clear() {
    if (!this.head) return;
    const { root, parts } = this.head;
    this.turntable.remove(root);
    for (const { mesh, material } of parts) {
      mesh.geometry.dispose();
      for (const map of Object.values(material).filter((part) => part?.isTexture)) {
        map.image?.close?.(); // an ImageBitmap
        map.dispose();
      }
      material.dispose();
    }
    this.head = null;
    this.box = null;
    this.wantsFrame();
  }

  /** Frees all resources, including the WebGL context. */
  dispose() {
    this.clear();
    this.isGone = true;
    cancelAnimationFrame(this.frame);
    this.pace.stop();
    this.sizes.disconnect();
    this.controls.dispose();
    Object.values(this.looks).forEach((material) => material.dispose());
    this.lamp.shadow.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

/** Bounding box of the neutral head; three's own box includes all morph targets. */
function restBox(mesh) {
  return new Box3().setFromBufferAttribute(mesh.geometry.attributes.position);
}
