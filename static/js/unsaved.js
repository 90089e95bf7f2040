/*
 * <form data-unsaved>: leaving the page with something typed and not sent asks first; `data-unsaved="changed"` where the
 * page itself came with something that is not saved yet. Forms that a script adds later count as well.
 */

const changed = new Set(document.querySelectorAll("form[data-unsaved=changed]"));

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-unsaved]")) changed.add(form);
});
document.addEventListener("submit", (event) => changed.delete(event.target));
window.addEventListener("beforeunload", (event) => {
  if (Array.from(changed).some((form) => form.isConnected)) event.preventDefault();
});
