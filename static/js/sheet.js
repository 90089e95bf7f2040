/*
 * The scoring sheet saves itself: what is typed is kept in this browser at once and sent when the field is left, when a
 * choice is made, or after a pause in a long text. What an officer is typing is never taken away by an answer to what
 * was typed before.
 */

import { isTyped, keep, kick } from "./outbox.js";
import { ROW, fieldsOf, formOf, rowOf, rows } from "./rows.js";

const PAUSE_MS = 2_000;
const pauses = new WeakMap();

/** The row of a field that the row saves; the unit's talk inside it is not one. */
function savedRow(field) {
  const row = rowOf(field);
  return row && field.form === formOf(row) ? row : null;
}

function save(row, submitter) {
  clearTimeout(pauses.get(row));
  keep(row, "waiting", submitter);
  kick();
}

document.addEventListener("input", (event) => {
  const row = savedRow(event.target);
  if (!row) return;
  keep(row, "typed");
  clearTimeout(pauses.get(row));
  if (event.target.matches("textarea")) pauses.set(row, setTimeout(() => row.isConnected && save(row), PAUSE_MS));
});

document.addEventListener("change", (event) => {
  const row = savedRow(event.target);
  if (row) save(row);
});

// A value that was typed and taken back makes no change event, but it must not stay behind as unsaved.
document.addEventListener("focusout", (event) => {
  const row = savedRow(event.target);
  if (row) setTimeout(() => row.isConnected && isTyped(row) && save(row));
});

document.addEventListener("submit", (event) => {
  const row = rowOf(event.submitter) ?? document.querySelector(`${ROW}:has(#${CSS.escape(event.target.id || "none")})`);
  if (!row || event.target !== formOf(row)) return;
  event.preventDefault();
  save(row, event.submitter);
});

// What was changed before this module ran.
for (const row of rows()) {
  const changed = fieldsOf(row).some((field) => {
    if (field.type === "checkbox") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.value !== (field.querySelector("option[selected]")?.value ?? "");
    return field.value !== field.defaultValue;
  });
  if (changed) save(row);
}
