const TILE = 512;

/** Brings words to a canvas by way of a small one, which costs no more than what it holds. */
export class Tile {
  #canvas = new OffscreenCanvas(TILE, TILE);
  #context = this.#canvas.getContext("2d");
  #words = new Uint32Array(TILE * TILE);
  #image = new ImageData(new Uint8ClampedArray(this.#words.buffer), TILE, TILE);

  lay(context, area, paint) {
    for (let y = 0; y < area.height; y += TILE) {
      for (let x = 0; x < area.width; x += TILE) {
        const width = Math.min(TILE, area.width - x);
        const height = Math.min(TILE, area.height - y);
        const part = { x: area.x + x, y: area.y + y, width, height };
        paint(this.#words, TILE, part);
        this.#context.putImageData(this.#image, 0, 0, 0, 0, width, height);
        context.drawImage(this.#canvas, 0, 0, width, height, part.x, part.y, width, height);
      }
    }
  }
}
