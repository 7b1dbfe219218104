/** Texts that scripts show are written in the template, so that they are translated in one place. */

export function pageData() {
  return JSON.parse(document.getElementById("page-data").textContent);
}

/** Puts values into the `{name}` places of a text. */
export function say(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

export function clock(moment) {
  const date = new Date(moment);
  const sameDay = date.toDateString() === new Date().toDateString();
  const day = sameDay ? {} : { year: "numeric", month: "short", day: "numeric" };
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return date.toLocaleString(document.documentElement.lang, { ...day, ...time });
}
