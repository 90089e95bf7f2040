/*
 * The rows of the sheet (tbody[data-row]) as the other modules see them: fields, content, save state, replacement.
 */

import { announce } from "./say.js";

export const ROW = "tbody[data-row]";
const FIELDS = "input:not([type=hidden]), select, textarea";

export function rowOf(element) {
  return element instanceof Element ? element.closest(ROW) : null;
}

export function rows() {
  return Array.from(document.querySelectorAll(ROW));
}

export function rowOfScore(score) {
  return document.querySelector(`${ROW}[data-row="${CSS.escape(String(score))}"]`);
}

export function formOf(row) {
  return row.querySelector("form[id]");
}

/** The fields that belong to the row's form, not those of the unit's talk. */
export function fieldsOf(row) {
  const form = formOf(row);
  return Array.from(row.querySelectorAll(FIELDS)).filter((field) => field.form === form);
}

export function versionOf(row) {
  return formOf(row).elements.version.value;
}

export function setVersion(row, version) {
  formOf(row).elements.version.value = version;
}

/** All that an officer can change in a row, as its form would send it: without version and token. */
export function contentOf(row) {
  return fieldsOf(row)
    .filter((field) => field.type !== "checkbox" || field.checked)
    .map((field) => [field.name, field.value]);
}

/** Put a kept content back into the fields; what has no field any more is left out. */
export function fill(row, content) {
  const values = new Map(content);
  for (const field of fieldsOf(row)) {
    if (field.type === "checkbox") field.checked = values.has(field.name);
    else if (values.has(field.name)) field.value = values.get(field.name);
    if (field.value) field.closest("td details:not([open])")?.setAttribute("open", "");
  }
}

/** The same for a person: label and value of each field with something in it. */
export function wordsOf(row) {
  return fieldsOf(row)
    .filter((field) => (field.type === "checkbox" ? field.checked : field.value))
    .map((field) => {
      const label = field.labels?.[0]?.textContent.trim().replace(/\s+/g, " ") ?? field.name;
      const chosen = field.tagName === "SELECT" ? field.selectedOptions[0]?.textContent.trim() : field.value;
      return [label, field.type === "checkbox" ? "✓" : chosen];
    });
}

export function mark(row, state, text) {
  const place = row.querySelector("[data-save-state]");
  if (!place || (place.dataset.state === state && place.textContent.trim() === text)) return;
  place.dataset.state = state;
  place.textContent = text;
}

function remember(row) {
  const active = row.contains(document.activeElement) ? document.activeElement : null;
  return {
    active,
    id: active?.id,
    inside: active !== null,
    range: active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null,
    open: Array.from(row.querySelectorAll("details:not([data-part])"), (details) => details.open),
  };
}

function restore(row, before) {
  row.querySelectorAll("details:not([data-part])").forEach((details, index) => {
    if (before.open[index]) details.open = true;
  });
  if (!before.inside) return;
  if (before.active.isConnected) {
    before.active.focus({ preventScroll: true });
    return;
  }
  const field = (before.id && document.getElementById(before.id)) || row.querySelector("[aria-invalid]") || fieldsOf(row)[0];
  field?.focus({ preventScroll: true });
  if (field && before.range?.[0] != null && field.id === before.id) field.setSelectionRange(...before.range);
}

/** Sums, lists of gaps and headings of an answer go to their places. */
function place(content) {
  for (const part of content.querySelectorAll("[hx-swap-oob]")) {
    part.remove();
    part.removeAttribute("hx-swap-oob");
    const old = document.getElementById(part.id);
    const focused = old?.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    old?.replaceWith(part);
    if (focused) part.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }
}

function swap(row, fresh) {
  const before = remember(row);
  // What the answer does not read again stays as it is on the page.
  const places = fresh.querySelectorAll("[hx-preserve], details[data-part]");
  for (const empty of places) {
    const kept = row.querySelector(`#${CSS.escape(empty.id)}`);
    if (kept) empty.replaceWith(kept);
  }
  row.replaceWith(fresh);
  restore(fresh, before);
  const state = fresh.querySelector("[data-save-state]");
  if (state) announce(`${fresh.dataset.code}: ${state.textContent.trim()}`);
  fresh.dispatchEvent(new CustomEvent("row:replaced", { bubbles: true }));
}

/**
 * Put the rows of the server's answer in their places, with the sums that came along. The focus, the place of the
 * cursor, opened details, talk and history stay. `unchanged` says whether a row may be replaced.
 */
export function replace(html, unchanged = () => true) {
  const box = document.createElement("template");
  box.innerHTML = html;
  place(box.content);
  for (const fresh of box.content.querySelectorAll(ROW)) {
    const row = rowOfScore(fresh.dataset.row);
    if (row && unchanged(row)) swap(row, fresh);
  }
}
