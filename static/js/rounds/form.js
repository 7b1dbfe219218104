/** Shows what a round would be made of, as it is described in the form. */

const PAUSE = 250;
const form = document.querySelector("form[data-composition]");
const place = document.getElementById("composition");

let latest = 0;

async function show() {
  const asked = ++latest;
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) wanted.append(name, value);
  place.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(`${form.dataset.composition}?${wanted}`);
    if (asked !== latest || !response.ok) return;
    const template = document.createElement("template");
    template.innerHTML = await response.text();
    place.replaceChildren(template.content);
  } catch {
    // Without a server there is nothing to count; starting says so itself.
  } finally {
    if (asked === latest) place.removeAttribute("aria-busy");
  }
}

let waiting = 0;

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
}

if (form && place) {
  form.addEventListener("input", soon);
  show();
}
