/*
 * The sheet by keyboard: Alt+Down and Alt+Up go from criterion to criterion, Ctrl+Enter saves and goes to the next one
 * with something missing, Ctrl+S saves now, "?" outside of a field shows this. Leaving a field saves it.
 */

import { announce, toast } from "./say.js";
import { fieldsOf, formOf, rowOf, rows } from "./rows.js";

const WORDS = {
  complete: "Không còn tiêu chí nào thiếu ở trang này.",
  end: "Hết tiêu chí ở trang này.",
};
/** The row from which the next one is counted when the focus is outside of all rows. */
let last = null;

function go(row) {
  const field = fieldsOf(row).find((candidate) => candidate.checkVisibility());
  row.scrollIntoView({ block: "nearest" });
  field?.focus();
  if (field?.matches(".in-num, .in-date")) field.select();
}

function step(from, direction) {
  const all = rows();
  const index = all.indexOf(from);
  const next = index < 0 ? all[direction > 0 ? 0 : all.length - 1] : all[index + direction];
  if (next) go(next);
  else announce(WORDS.end);
}

/** The first row with something missing after `from`, and from the top again after the last one. */
function nextMissing(from) {
  const all = rows();
  const index = all.indexOf(from);
  const next = [...all.slice(index + 1), ...all.slice(0, Math.max(index, 0))].find((row) => "missing" in row.dataset);
  if (next) go(next);
  else toast(WORDS.complete, "ok");
}

document.addEventListener("focusin", (event) => {
  last = rowOf(event.target) ?? last;
});
document.addEventListener("row:replaced", (event) => {
  if (last && !last.isConnected && last.id === event.target.id) last = event.target;
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || document.querySelector("dialog[open]")) return;
  const row = rowOf(event.target) ?? last;
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (event.altKey && plain && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    step(row, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.ctrlKey && !event.altKey && !event.shiftKey && event.key === "Enter") {
    if (event.target.closest("details[data-part]")) return;
    event.preventDefault();
    if (row && event.target.form === formOf(row)) formOf(row).requestSubmit();
    nextMissing(row);
  } else if (event.ctrlKey && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") {
    event.preventDefault();
    if (row) formOf(row).requestSubmit();
  } else if (event.key === "?" && !event.target.closest("input, select, textarea, [contenteditable]")) {
    document.getElementById("sheet-keys").showModal();
  }
});
