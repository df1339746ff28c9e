// A phone's photo is larger than what the store keeps (2,400 px): it is drawn smaller before it is sent, which saves a courier
// a minute at a door without a good network. Whatever goes wrong, the photo goes as it is; the server draws it anew anyhow.
const MOST_SIDE = 2400;
const SMALL = 1_500_000; // bytes that are sent as they are

async function shrink(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // JPEG has no transparency
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.jpg`, { type: "image/jpeg" });
}

document.addEventListener("change", async ({ target }) => {
  if (!target.matches?.("input[type=file][data-shrink]")) return;
  const [file] = target.files;
  if (!file || file.size <= SMALL || !file.type.startsWith("image/")) return;
  try {
    const small = await shrink(file);
    if (small === file || target.files[0] !== file) return; // another one was chosen meanwhile
    const list = new DataTransfer();
    list.items.add(small);
    target.files = list.files;
  } catch {
    // This browser cannot draw it: it goes as it is.
  }
});
