// Shrinks photos before upload to the server's size limit, so that phone photos upload faster.
// The orientation is applied. Files that the browser cannot decode (mostly HEIC) are sent unchanged.

const QUALITY = 0.92;

async function shrunk(file, longest_px) {
  if (!file.type.startsWith("image/") || file.type === "image/gif") return file;
  try {
    const picture = await createImageBitmap(file);
    const scale = longest_px / Math.max(picture.width, picture.height);
    if (scale >= 1) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(scale * picture.width);
    canvas.height = Math.round(scale * picture.height);
    const pencil = canvas.getContext("2d");
    pencil.imageSmoothingQuality = "high";
    pencil.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", QUALITY); });
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
  } catch {
    return file;
  }
}

async function send(input, files, longest_px) {
  const list = new DataTransfer();
  for (const file of files) list.items.add(await shrunk(file, longest_px));
  input.files = list.files;
  input.dispatchEvent(new CustomEvent("change", { bubbles: true, detail: "shrunk" }));
}

/**
 * Stands between the visitor and Gradio's own upload, for files that are chosen or dropped.
 * @param {string} places selector of the components that take photos.
 * @param {number} longest_px side that the server keeps at most.
 */
export function shrinkPhotos(places, longest_px) {
  const take = (event, input, files) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    send(input, [...files], longest_px);
  };
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (event.detail === "shrunk" || input.type !== "file" || !input.closest(places)) return;
    if (input.files.length) take(event, input, input.files);
  }, true);
  document.addEventListener("drop", (event) => {
    const input = event.target.closest?.(places)?.querySelector("input[type=file]");
    const files = event.dataTransfer?.files;
    if (input && files?.length) take(event, input, files);
  }, true);
}
