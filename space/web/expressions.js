// The 52 ARKit expressions: their groups, presets, and a panel with a slider for each.

const GROUPS = [
  ["Mouth", /^mouth/],
  ["Jaw and tongue", /^(jaw|tongue)/],
  ["Eyes", /^eye/],
  ["Brows", /^brow/],
  ["Cheeks and nose", /^(cheek|nose)/],
  ["Other", /^/],
];

const SMILE = {
  mouthSmileLeft: 0.85, mouthSmileRight: 0.85, cheekSquintLeft: 0.6, cheekSquintRight: 0.6,
  eyeSquintLeft: 0.35, eyeSquintRight: 0.35, mouthUpperUpLeft: 0.25, mouthUpperUpRight: 0.25,
  jawOpen: 0.06,
};
const SURPRISE = {
  browInnerUp: 0.9, browOuterUpLeft: 0.8, browOuterUpRight: 0.8, eyeWideLeft: 0.9,
  eyeWideRight: 0.9, jawOpen: 0.45, mouthFunnel: 0.3,
};

/** Label and weights of each preset; null stands for the photo's own expression. */
export const PRESETS = [
  ["Photo’s", null],
  ["Neutral", {}],
  ["Smile", SMILE],
  ["Surprise", SURPRISE],
  ["Jaw open", { jawOpen: 0.7 }],
];

/** Name -> weight if any weight differs from the file's own, else null. */
export function editedWeights(names, own, weights) {
  if (own.every((weight, at) => Math.abs(weight - weights[at]) < 1e-4)) return null;
  const weight = (at) => Number(Math.min(1, Math.max(0, weights[at])).toFixed(4));
  return Object.fromEntries(names.map((name, at) => [name, weight(at)]));
}

/** "mouthSmileLeft" -> "mouth smile left" */
export function words(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** "mouth smile left" in the group Mouth -> "smile left" */
function withoutGroup(text, group) {
  const [first, ...rest] = text.split(" ");
  const isOfOneKind = group.toLowerCase().startsWith(first) && !group.includes(" ");
  return rest.length && isOfOneKind ? rest.join(" ") : text;
}

export class ExpressionPanel {
  /**
   * @param {HTMLElement} box where the sliders go.
   * @param {(name: string, weight: number) => void} onInput a slider was moved.
   */
  constructor(box, onInput) {
    this.box = box;
    this.onInput = onInput;
    this.rows = new Map();
  }

  /** One slider for each name, in groups. */
  fill(names) {
    this.box.replaceChildren();
    this.rows.clear();
    const left = new Set(names);
    const viewer = this.box.closest("head-viewer");
    const hasRoom = this.box.clientWidth < viewer.clientWidth / 2; // beside the head
    GROUPS.forEach(([title, pattern], order) => {
      const members = [...left].filter((name) => pattern.test(name));
      members.forEach((name) => left.delete(name));
      if (members.length) this.box.append(this.group(title, members, hasRoom && order < 2));
    });
  }

  group(title, names, isOpen) {
    const details = document.createElement("details");
    details.open = isOpen;
    const summary = document.createElement("summary");
    const count = document.createElement("small");
    count.textContent = names.length;
    summary.append(title, " ", count);
    details.append(summary, ...names.map((name) => this.row(name, title)));
    return details;
  }

  row(name, group) {
    const label = document.createElement("label");
    label.className = "slider";
    const text = document.createElement("span");
    text.textContent = withoutGroup(words(name), group);
    text.title = name;
    const range = document.createElement("input");
    Object.assign(range, { type: "range", min: 0, max: 1, step: 0.01, value: 0, name });
    range.setAttribute("aria-label", words(name));
    const output = document.createElement("output");
    label.append(text, range, output);
    range.addEventListener("input", () => {
      this.write(name, range.valueAsNumber);
      this.onInput(name, range.valueAsNumber);
    });
    this.rows.set(name, { range, output });
    this.write(name, 0);
    return label;
  }

  /** Shows a weight without an event. */
  write(name, weight) {
    const row = this.rows.get(name);
    if (!row) return;
    row.range.value = weight;
    row.range.style.setProperty("--filled", `${Math.round(100 * Math.min(1, weight))}%`);
    row.output.textContent = weight.toFixed(2);
  }
}
