/** The server writes moments in UTC; people read them in the time zone of their own clock. */

const two = (number) => String(number).padStart(2, "0");

/** "2026-03-01 14:02" by the clock of this machine. */
export function local(moment) {
  const day = [moment.getFullYear(), two(moment.getMonth() + 1), two(moment.getDate())].join("-");
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.title = time.textContent;
    time.textContent = local(new Date(time.dateTime));
  }
}
