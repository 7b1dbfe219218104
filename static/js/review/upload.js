/** A mask from a file, by the file picker or dropped on the picture. */

export class Upload {
  constructor({ input, target, onFile }) {
    this.input = input;
    input.addEventListener("change", () => {
      if (input.files.length) onFile(input.files[0]);
      input.value = "";
    });
    target.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      target.classList.add("dragging");
    });
    target.addEventListener("dragleave", () => target.classList.remove("dragging"));
    target.addEventListener("drop", (event) => {
      event.preventDefault();
      target.classList.remove("dragging");
      if (event.dataTransfer.files.length) onFile(event.dataTransfer.files[0]);
    });
  }

  pick() {
    this.input.click();
  }
}
