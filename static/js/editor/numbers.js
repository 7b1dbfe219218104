/** A list of whole numbers that grows at its end, in four bytes each. */

export class Numbers {
  length = 0;
  items;

  constructor(capacity = 64) {
    this.items = new Int32Array(capacity);
  }

  push(number) {
    if (this.length === this.items.length) {
      const larger = new Int32Array(2 * this.length);
      larger.set(this.items);
      this.items = larger;
    }
    this.items[this.length++] = number;
  }

  pop() {
    this.length -= 1;
    return this.items[this.length];
  }
}
