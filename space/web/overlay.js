// The head's photo: small in the corner, or full size with the head laid over it.

export class PhotoOverlay {
  /** @param {HTMLElement} viewer a <head-viewer> with a stage. */
  constructor(viewer) {
    this.viewer = viewer;
    this.corner = viewer.find(".hv-photo");
    this.behind = viewer.find(".hv-behind");
    this.wipe = viewer.find(".hv-wipe");
    this.range = this.wipe.querySelector("input");
    this.range.addEventListener("input", () => this.place());
    new ResizeObserver(() => this.place()).observe(viewer.find(".hv-stage"));
  }

  /** Sets the head's photo, or none; `view` is the head's pose and position on it. */
  show(head) {
    this.view = head?.photo ? head.view : null;
    this.corner.hidden = !this.view;
    if (this.view) {
      this.behind.src = head.photo.url;
      this.corner.querySelector("img").src = head.photo.url;
    }
    this.lay(false);
  }

  get isLaid() { return !this.behind.hidden; }

  lay(isLaid) {
    this.behind.hidden = this.wipe.hidden = !isLaid;
    this.corner.setAttribute("aria-pressed", isLaid);
    this.corner.querySelector("span").textContent = isLaid ? "Turn it again" : "Lay it on the photo";
    this.viewer.find(".hv-stage").classList.toggle("hv-laid", isLaid);
    this.viewer.stage.lookAsPhoto(isLaid ? this.view : null);
    this.range.value = 50;
    this.place();
  }

  /** Moves the dividing line: photo on its left, head on its right. */
  place() {
    const stage = this.viewer.find(".hv-stage");
    const { clientWidth: width, clientHeight: height } = stage;
    const side = Math.min(width, height);
    const line_px = (width - side) / 2 + (side * this.range.valueAsNumber) / 100;
    stage.style.setProperty("--hv-line", `${line_px}px`);
    this.viewer.find("canvas").style.clipPath = this.isLaid ? `inset(0 0 0 ${line_px}px)` : "";
  }
}
