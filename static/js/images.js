/** Pictures from the server as plain arrays, with the values that were sent: no colour management. */

export const AS_SENT = { colorSpaceConversion: "none", premultiplyAlpha: "none" };

export async function fetchBitmap(url, priority = "auto") {
  const response = await fetch(url, { priority });
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return createImageBitmap(await response.blob(), AS_SENT);
}

/** RGBA of the bitmap at the size asked for. */
export function pixelsOf(bitmap, width = bitmap.width, height = bitmap.height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** One byte per pixel: 255 specimen, 0 background. */
export function maskOf(bitmap, width = bitmap.width, height = bitmap.height) {
  const rgba = pixelsOf(bitmap, width, height).data;
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i += 1) mask[i] = rgba[4 * i] > 127 ? 255 : 0;
  return mask;
}

export function canvasOf(imageData) {
  const canvas = new OffscreenCanvas(imageData.width, imageData.height);
  canvas.getContext("2d").putImageData(imageData, 0, 0);
  return canvas;
}
