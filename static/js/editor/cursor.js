/** The outline of the tip, where the pointer is. */

export class Cursor {
  constructor(element) {
    this.element = element;
  }

  set isShown(isShown) {
    this.element.hidden = !isShown;
  }

  moveTo(x, y) {
    this.element.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
  }

  /** `across` in pixels of the page; 0 for a tool without a tip. */
  resize(across) {
    this.element.style.width = `${across}px`;
    this.element.style.height = `${across}px`;
    this.element.classList.toggle("without-tip", across === 0);
  }
}
