/**
 * Keeps fragments fresh: `<div data-refresh="/jobs/3/progress" data-every="1000">` is fetched again
 * and replaced until what comes back has no such attribute.
 */

import { localise } from "./moments.js";

const SLOWEST = 15000;

async function fetched(path) {
  const response = await fetch(path, { headers: { accept: "text/html" } });
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  localise(template.content);
  return template.content.firstElementChild;
}

function replace(element, fresh) {
  if (element.outerHTML === fresh.outerHTML) return element;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.replaceWith(fresh);
  if (focused) document.getElementById(focused)?.focus();
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
      element = replace(element, await fetched(element.dataset.refresh));
      pause = 0;
    } catch {
      // The server may be restarting: ask again, but less and less often.
      pause = Math.min(2 * pause, SLOWEST);
    }
  }
}

localise(document);
document.querySelectorAll("[data-refresh]").forEach(keepFresh);
