/**
 * Keeps fragments fresh: `<div data-refresh="/jobs/3/progress" data-every="1000">` is fetched again
 * and replaced until what comes back has no such attribute.
 */

import { localise } from "./moments.js";

const SLOWEST = 15000;

async function fetched(path) {
  const response = await fetch(path, { headers: { accept: "text/html" } });
  if (response.redirected) location.reload(); // to the page that asks for a name or a password
  if (!response.ok || response.redirected) throw new Error(`${path}: HTTP ${response.status}`);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  localise(template.content);
  return template.content.firstElementChild;
}

/** What the reader has opened stays open. */
function keepOpen(element, fresh) {
  for (const one of element.querySelectorAll("details[id]")) {
    fresh.querySelector(`#${one.id}`)?.toggleAttribute("open", one.open);
  }
}

/** A form with an id stays itself: what was chosen in it, and what a refusal said. */
function keepForms(element, fresh, kept) {
  for (const form of element.querySelectorAll("form[id]")) {
    fresh.querySelector(`#${form.id}`)?.replaceWith(kept(form));
  }
}

function replace(element, fresh) {
  keepOpen(element, fresh);
  keepForms(element, fresh, (form) => form.cloneNode(true));
  if (element.outerHTML === fresh.outerHTML) return element;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  keepForms(element, fresh, (form) => form);
  element.replaceWith(fresh);
  const now = focused?.isConnected ? focused : focused?.id && document.getElementById(focused.id);
  if (now) now.focus({ preventScroll: true });
  return fresh;
}

function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) =>
    document.addEventListener("visibilitychange", resolve, { once: true }),
  );
}

export async function keepFresh(start) {
  let element = start;
  let pause = 0;
  while (element?.isConnected && element.dataset.refresh) {
    const every = Number(element.dataset.every || 1000);
    pause = Math.max(pause, every);
    await new Promise((resolve) => setTimeout(resolve, pause));
    await visible();
    try {
      const fresh = replace(element, await fetched(element.dataset.refresh));
      if (fresh !== element) fresh.querySelectorAll("[data-refresh]").forEach(keepFresh);
      element = fresh;
      pause = 0;
    } catch {
      // The server may be restarting: ask again, but less and less often.
      pause = Math.min(2 * pause, SLOWEST);
    }
  }
}

localise(document);
document.querySelectorAll("[data-refresh]").forEach(keepFresh);
