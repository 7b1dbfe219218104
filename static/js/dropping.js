/**
 * Files and folders dropped on a `<form data-api data-drop>`, or a folder chosen in it, are sent at
 * once, each with its path in the folder.
 */

/** Calls `take(file, path)` for each file of an entry, however deep. */
export async function walk(entry, take) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    take(file, entry.fullPath.replace(/^\//, ""));
    return;
  }
  const reader = entry.createReader();
  const some = () => new Promise((resolve, reject) => reader.readEntries(resolve, reject));
  // A reader gives at most a hundred entries at a time, and nothing when it is through.
  for (let entries = await some(); entries.length; entries = await some()) {
    for (const each of entries) await walk(each, take);
  }
}

function send(form, files) {
  if (!files.length) return;
  form.dropped = files;
  form.requestSubmit();
}

function attach(form) {
  const mark = (isOver) => form.classList.toggle("dragging", isOver);
  form.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    mark(true);
  });
  form.addEventListener("dragleave", (event) => mark(form.contains(event.relatedTarget)));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    mark(false);
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
    const files = [];
    for (const entry of entries.filter(Boolean)) {
      await walk(entry, (file, path) => files.push({ file, path }));
    }
    send(form, files);
  });
  const folder = form.querySelector("input[webkitdirectory]");
  const sendFolder = () => {
    send(form, [...folder.files].map((file) => ({ file, path: file.webkitRelativePath })));
    folder.value = "";
  };
  folder?.addEventListener("change", sendFolder);
  const files = form.querySelector("input[data-submits]");
  files?.addEventListener("change", () => form.requestSubmit());
  // What was chosen before this script had loaded counts too.
  if (folder?.files.length) sendFolder();
  else if (files?.files.length) form.requestSubmit();
}

if (typeof document !== "undefined") {
  document.querySelectorAll("form[data-drop]").forEach(attach);
}
