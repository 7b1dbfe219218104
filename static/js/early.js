/** Runs before the page is shown: a form sent before `forms.js` has loaded is held until it has. */

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-api]") || event.defaultPrevented) return;
  event.preventDefault();
  if (!window.formsAreReady) window.heldForm = event.target;
});
