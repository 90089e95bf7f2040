/*
 * The appraisal desk with a keyboard. Without this file every row is saved by its button.
 *
 *   Enter in an empty points field   accepts the unit's points and goes to the next criterion
 *   arrow down, arrow up             the points field of the next or previous criterion
 *   points that differ               open the reason; the row is saved when it is left
 */

const desk = document.querySelector("[data-desk]");
const FIELD = "input[name=points]";
let goOn = null;

const plain = (text) => text.trim().replace(",", ".").replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

function differs(form) {
  const points = form.querySelector(FIELD).value.trim();
  return points !== "" && plain(points) !== plain(form.dataset.self);
}

function isChanged(form) {
  return [...form.elements].some((field) => "value" in field && field.defaultValue !== undefined
    && field.type !== "hidden" && field.value !== field.defaultValue);
}

function openReason(form) {
  const reason = form.querySelector("details");
  if (reason && form.dataset.self !== "" && differs(form)) reason.open = true;
}

function step(from, distance) {
  const fields = [...desk.querySelectorAll(FIELD)];
  fields[fields.indexOf(from) + distance]?.focus();
}

/** The next criterion that nobody has settled; the table's end keeps the focus where it was. */
function nextOpen(id) {
  const fields = [...desk.querySelectorAll(FIELD)];
  const here = fields.findIndex((field) => field.id === id);
  (fields.slice(here + 1).find((field) => field.value === "") ?? fields[here + 1])?.focus();
}

desk?.addEventListener("input", (event) => {
  const form = event.target.closest("[data-verdict]");
  if (form && event.target.matches(FIELD)) openReason(form);
});

desk?.addEventListener("change", (event) => {
  if (!event.target.matches("[data-quick]") || !event.target.value) return;
  const form = event.target.closest("form");
  form.querySelector("textarea").value = event.target.value;
  form.requestSubmit();
});

desk?.addEventListener("keydown", (event) => {
  if (!event.target.matches(FIELD)) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.target, event.key === "ArrowDown" ? 1 : -1);
  }
  if (event.key === "Enter") {
    const form = event.target.form;
    if (form.dataset.self !== "" && differs(form) && !form.querySelector("textarea").value.trim()) {
      event.preventDefault();
      openReason(form);
      form.querySelector("textarea").focus();
      return;
    }
    goOn = event.target.id;
  }
});

function leave(form) {
  // A row that is being replaced loses its focus too: it is gone, or on its way, by the time this runs.
  if (!form.isConnected || form.classList.contains("htmx-request") || !document.hasFocus()) return;
  if (form.contains(document.activeElement)) return;
  if (isChanged(form) && form.querySelector(FIELD).value.trim()) form.requestSubmit();
}

// A row is saved when it is left; pressing one of its own buttons is not leaving it.
desk?.addEventListener("focusout", (event) => {
  const form = event.target.closest("[data-verdict]");
  if (form && !form.contains(event.relatedTarget)) setTimeout(leave, 0, form);
});

document.addEventListener("htmx:afterSettle", () => {
  if (!goOn) return;
  const field = document.getElementById(goOn);
  const saved = field?.closest("tr").querySelector("[data-save-state]")?.dataset.state === "saved";
  const id = goOn;
  goOn = null;
  if (saved) nextOpen(id);
});
