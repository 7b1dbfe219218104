/** The server writes moments in UTC; people read them in the time zone of their own clock. */

import { say } from "./texts.js";

const two = (number) => String(number).padStart(2, "0");

const time = (moment) => `${two(moment.getHours())}:${two(moment.getMinutes())}`;

/** "2026-03-01 14:02" by the clock of this machine. */
export function local(moment) {
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${day} ${time(moment)}`;
}

/** When an hour of every day, which the server counts in UTC, is here, as the year is at `today`. */
export function localHour(hour, today = new Date()) {
  return time(new Date(new Date(today).setUTCHours(hour, 0)));
}

export function localise(root) {
  for (const moment of root.querySelectorAll("time[datetime]")) {
    moment.title = moment.textContent;
    moment.textContent = local(new Date(moment.dateTime));
  }
  for (const place of root.querySelectorAll("[data-utc-hour]")) {
    const here = localHour(Number(place.dataset.utcHour));
    place.textContent = say(place.dataset.here, { here });
  }
}
