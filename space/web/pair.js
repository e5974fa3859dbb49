// Two faces of one photo: side by side, or morphed. Both meshes have the same vertices.

import { Box3, GLTFLoader, Vector3 } from "../vendor/three/three.bundle.js";

const APART = 1.06; // of a head's width

export class Pair {
  /** @param {HTMLElement} viewer a <head-viewer> with a stage. */
  constructor(viewer) {
    this.viewer = viewer;
    this.box = viewer.find(".hv-pair");
    this.range = this.box.querySelector("input");
    this.range.setAttribute("aria-label", "From one face to the other");
    this.range.addEventListener("input", () => this.blend(this.range.valueAsNumber));
    this.box.addEventListener("click", ({ target }) => {
      if (target.dataset.pair) this.arrange(target.dataset.pair);
    });
  }

  /** Adds the other head, from the file `beside`, to one just placed; no-op without a file. */
  async show(gltf, beside) {
    this.box.hidden = true;
    this.other = null;
    [...(this.skins ?? []), this.mixed].forEach((map) => map?.dispose());
    this.skins = this.mixed = this.canvas = null;
    if (!beside) return;
    const load = this.viewer.loads;
    const other = await new GLTFLoader().loadAsync(beside.url);
    if (load !== this.viewer.loads) return;
    const { stage } = this.viewer;
    [this.one] = gltf.scene.children;
    [this.other] = other.scene.children;
    this.meshes = [this.one, this.other];
    const influences = this.one.morphTargetInfluences; // sliders move both
    const parts = [];
    other.scene.traverse((node) => { if (node.isMesh) parts.push(node); });
    stage.head.parts.push(...parts.map((part) => stage.prepared(part, influences)));
    gltf.scene.add(this.other);
    stage.setLook(stage.look);
    this.single = stage.box;
    this.rests = this.meshes.map((mesh) => { // blending writes to the first one's
      const { points, normals } = this.partOf(mesh).morph.rest;
      return [points.slice(), normals.slice()];
    });
    this.skins = this.meshes.map((mesh) => this.partOf(mesh).material.map);
    this.box.hidden = false;
    this.arrange("beside");
  }

  /** The entry of a head's mesh on the stage; holds its own material, whichever look is active. */
  partOf(mesh) { return this.viewer.stage.head.parts.find((part) => part.mesh === mesh); }

  arrange(kind) {
    const { stage } = this.viewer;
    const isBeside = kind === "beside";
    this.viewer.overlay.lay(false);
    this.viewer.find(".hv-photo").hidden = true;
    const shift = isBeside ? (APART * this.single.getSize(new Vector3()).x) / 2 : 0;
    this.one.position.x = -shift;
    this.other.position.x = shift;
    this.other.visible = isBeside;
    const moved = [-shift, shift].map((x) => this.single.clone().translate(new Vector3(x, 0, 0)));
    stage.box = moved.reduce((box, part) => box.union(part), new Box3());
    this.range.closest("label").hidden = isBeside;
    this.box.querySelectorAll("button").forEach((button) => {
      button.setAttribute("aria-pressed", button.dataset.pair === kind);
    });
    this.blend(isBeside ? 0 : this.range.valueAsNumber);
    stage.setLight(stage.light.azimuth_deg, stage.light.elevation_deg);
    stage.resetView();
  }

  /** Blends the first head's shape and texture towards the other's, 0 to 1. */
  blend(share) {
    const { morph } = this.partOf(this.one);
    const [[points, normals], [otherPoints, otherNormals]] = this.rests;
    if (points.length !== otherPoints.length) return;
    mix(morph.rest.points, points, otherPoints, share);
    mix(morph.rest.normals, normals, otherNormals, share);
    morph.restChanged();
    this.blendSkins(share);
    this.viewer.stage.wantsFrame();
  }

  blendSkins(share) {
    const [skin, otherSkin] = this.skins;
    if (!this.canvas || this.canvas.of !== skin) {
      this.canvas = document.createElement("canvas");
      Object.assign(this.canvas, { width: skin.image.width, height: skin.image.height, of: skin });
      this.mixed = new skin.constructor(this.canvas);
      const { flipY, colorSpace, wrapS, wrapT, anisotropy } = skin;
      Object.assign(this.mixed, { flipY, colorSpace, wrapS, wrapT, anisotropy });
    }
    const { width, height } = this.canvas;
    const pencil = this.canvas.getContext("2d");
    pencil.globalAlpha = 1;
    pencil.drawImage(skin.image, 0, 0, width, height);
    pencil.globalAlpha = share;
    pencil.drawImage(otherSkin.image, 0, 0, width, height);
    this.mixed.needsUpdate = true;
    const part = this.partOf(this.one);
    part.material.map = share ? this.mixed : skin;
    part.material.needsUpdate = true;
  }
}

function mix(values, from, to, share) {
  for (let at = 0; at < values.length; at += 1) values[at] = from[at] + share * (to[at] - from[at]);
}
