/*
 * Telling a person something without taking them away from what they do.
 */

/** Read out by a screen reader without moving anything on the screen. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

/** A message in the corner that stays until it is closed; the same text is not shown twice. */
export function toast(text, state = "info") {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  for (const old of region.children) {
    if (old.firstElementChild.textContent === text) old.remove();
  }
  const note = document.createElement("div");
  note.className = `note ${state}`;
  note.dataset.note = "";
  const words = document.createElement("div");
  words.className = "note-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "close";
  close.dataset.close = "";
  close.setAttribute("aria-label", "Đóng thông báo");
  close.textContent = "×";
  note.append(words, close);
  region.append(note);
}
