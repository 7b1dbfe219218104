/**
 * Times decisions in the page: from the key press to the frame after the one in which the stage
 * was painted with another specimen.
 */

const PATIENCE = 30000;

class Stopwatch {
  milliseconds = [];
  #pressed = null;
  #tell = () => {};

  press(moment) {
    this.#pressed = moment;
  }

  painted() {
    const pressed = this.#pressed;
    if (pressed === null) return;
    this.#pressed = null;
    requestAnimationFrame(() => requestAnimationFrame(() => this.#stop(pressed)));
  }

  /** Resolves when so many decisions have been timed. */
  async has(count) {
    while (this.milliseconds.length < count) {
      await new Promise((resolve, reject) => {
        this.#tell = resolve;
        setTimeout(() => reject(new Error("no specimen was drawn for a long time")), PATIENCE);
      });
    }
  }

  #stop(pressed) {
    this.milliseconds.push(performance.now() - pressed);
    this.#tell();
  }
}

window.stopwatch = new Stopwatch();

addEventListener(
  "keydown",
  (event) => {
    if (event.key === "a") window.stopwatch.press(event.timeStamp);
  },
  { capture: true },
);

addEventListener("DOMContentLoaded", () => {
  performance.setResourceTimingBufferSize(10000);
  const observer = new MutationObserver(() => window.stopwatch.painted());
  observer.observe(document.getElementById("stage"), { attributeFilter: ["data-specimen"] });
});
