// The 68 landmarks over the video.

const LINES = [[0, 16], [17, 21], [22, 26], [27, 30], [31, 35], [36, 41, 36], [42, 47, 42], [48, 59, 48], [60, 67, 60]];

/** Draws landmarks (68 x 3, pixels of a picture of this size); null clears them. */
export function drawLandmarks(canvas, landmarks, { width, height }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width: width || 1, height: height || 1 });
  const pencil = canvas.getContext("2d");
  pencil.clearRect(0, 0, canvas.width, canvas.height);
  if (!landmarks) return;
  pencil.lineWidth = Math.max(1, canvas.width / 400);
  pencil.strokeStyle = "#5eead4";
  for (const [first, last, again] of LINES) {
    pencil.beginPath();
    for (let point = first; point <= last; point += 1) pencil.lineTo(landmarks[3 * point] + 0.5, landmarks[3 * point + 1] + 0.5);
    if (again !== undefined) pencil.closePath();
    pencil.stroke();
  }
}
