/*
 * The scoring sheet: what an officer is typing is never taken away by an answer to what was typed before.
 *
 * Each row (tbody[data-autosave]) is saved by htmx and replaced by the answer. Where something in the row changed
 * while the answer was on its way, the row stays as it is, only takes over the version that was saved, and is saved
 * once more when the field is left.
 */

const ROW = "tbody[data-autosave]";
const sent = new WeakMap();

/** Everything in a row that an officer can change, as one text. */
function content(row) {
  return JSON.stringify(
    Array.from(row.querySelectorAll("input:not([type=hidden]), select, textarea"), (field) => [
      field.name,
      field.type === "checkbox" ? field.checked : field.value,
    ]),
  );
}

function save(row) {
  row.querySelector("input, select, textarea")?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.detail.elt.closest(ROW);
  if (row) sent.set(row, content(row));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const row = event.detail.target;
  if (!row?.matches?.(ROW) || !sent.has(row) || content(row) === sent.get(row)) return;
  event.detail.shouldSwap = false;
  const version = event.detail.xhr.getResponseHeader("X-Version");
  if (version) row.querySelector("input[name=version]").value = version;
  if (row.contains(document.activeElement)) row.dataset.again = "";
  else save(row);
});

document.addEventListener("focusout", (event) => {
  const row = event.target.closest?.(ROW);
  if (!row || !("again" in row.dataset)) return;
  delete row.dataset.again;
  // A change event of the field itself comes first and makes this one a repetition, which changes nothing.
  setTimeout(() => row.isConnected && save(row));
});

// Back on the network: rows that could not be saved are sent again.
window.addEventListener("online", () => {
  for (const state of document.querySelectorAll(`${ROW} [data-save-state][data-state=error]`)) save(state.closest(ROW));
});
