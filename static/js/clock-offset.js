/** Days in a form begin by the clock of this machine; the server has only UTC. */

for (const input of document.querySelectorAll("[data-clock-offset]")) {
  input.value = String(-new Date().getTimezoneOffset());
}
