/*
 * Behaviours that every page shares. A page works without them; they make it safer and quicker to use.
 *
 *   <form data-confirm="ID">        asks in <dialog id="ID"> before it is sent; data-confirm-note="ID" names an element
 *                                   whose data-words are said there as they stand at that moment
 *   <form data-repeatable>          may be sent again without a reload (downloads); all others only once
 *   <button data-open="ID">         opens <dialog id="ID">; data-dismiss inside closes it
 *   <details data-menu>             closes on Escape, on a press outside and when another one opens
 *   [data-close] in [data-note]     removes the message
 *   [data-autosave]                 a row saved by htmx: its [data-save-state] shows waiting and failure
 *   <form data-sign-out>            asks first while the queue of the sheet holds something of the person
 *   HX-Trigger: {"toast": {"state": "ok|soon|late|info", "text": "..."}}
 */

import { announce, toast } from "./say.js";

const USES_HTMX = "[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-boost]";
const WORDS = {
  failed: "Chưa lưu được. Kiểm tra mạng rồi nhập lại.",
  sending: "Đang gửi…",
  waiting: "Đang lưu…",
};

/**
 * Fetch htmx only where a page carries its attributes: other pages stay light. It must come after `load`: between
 * DOMContentLoaded and `load` it would wait for an event that has passed. What was changed before is sent then.
 */
function loadHtmx() {
  const source = document.body.dataset.htmx;
  if (!source || !document.querySelector(USES_HTMX)) return;
  const early = new Set();
  const remember = (event) => early.add(event.target);
  document.addEventListener("change", remember);
  const fetchNow = () => {
    const script = document.createElement("script");
    script.src = source;
    script.addEventListener("load", () => {
      document.removeEventListener("change", remember);
      for (const field of early) field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    document.head.append(script);
  };
  if (document.readyState === "complete") fetchNow();
  else window.addEventListener("load", fetchNow);
}

/* A form is sent once: the second press of a slow page does nothing, and the button says why. ------ */

function lock(form, submitter) {
  form.dataset.sent = "";
  form.setAttribute("aria-busy", "true");
  if (!submitter || submitter.tagName !== "BUTTON") return;
  submitter.dataset.words = submitter.innerHTML;
  submitter.setAttribute("aria-disabled", "true");
  submitter.textContent = WORDS.sending;
}

function unlock(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-words]")) {
    button.innerHTML = button.dataset.words;
    button.removeAttribute("aria-disabled");
    delete button.dataset.words;
  }
}

function ask(form, dialog, submitter) {
  dialog.returnValue = "";
  const note = dialog.querySelector("[data-note-place]");
  if (note) {
    note.textContent = document.getElementById(form.dataset.confirmNote ?? "")?.dataset.words ?? "";
    note.hidden = !note.textContent;
  }
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "confirm") return;
      form.dataset.confirmed = "";
      form.requestSubmit(submitter?.form === form ? submitter : undefined);
    },
    { once: true },
  );
  dialog.showModal();
}

// On the way down, so that htmx never sees a submit that is still to be confirmed.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const dialog = document.getElementById(form.dataset.confirm ?? "");
    if (dialog instanceof HTMLDialogElement && !("confirmed" in form.dataset)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form, dialog, event.submitter);
      return;
    }
    delete form.dataset.confirmed;
    if (form.method !== "post" || "repeatable" in form.dataset || form.matches(USES_HTMX)) return;
    if ("sent" in form.dataset) {
      event.preventDefault();
      return;
    }
    lock(form, event.submitter);
  },
  true,
);

// A page brought back by the browser's Back button must be usable again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(unlock);
});

/* What was typed on the sheet and is not saved yet goes with the person, from whatever page ---------- */

function anythingQueued() {
  try {
    return Object.keys(localStorage).some((key) => key.startsWith(`cchc-queue:${document.body.dataset.person}:`));
  } catch {
    return false;
  }
}

window.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches?.("[data-sign-out]") || "asked" in form.dataset || !anythingQueued()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    import("./sign_out.js").then((module) => module.askFirst(form));
  },
  true,
);

/* Presses and keys ---------------------------------------------------------------------------------- */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  closeMenus(target?.closest("details[data-menu]"));
  const close = target?.closest("[data-close]");
  if (close) {
    const list = close.closest(".messages, #toasts");
    close.closest("[data-note]")?.remove();
    (list?.querySelector("[data-close]") ?? document.getElementById("content"))?.focus();
  }
  const open = target?.closest("[data-open]");
  if (open) document.getElementById(open.dataset.open)?.showModal();
  target?.closest("[data-dismiss]")?.closest("dialog")?.close();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

/* Autosave ------------------------------------------------------------------------------------------ */

function mark(element, state, text) {
  const place = element.closest("[data-autosave]")?.querySelector("[data-save-state]");
  if (!place) return false;
  place.dataset.state = state;
  place.textContent = text;
  return true;
}

function failed(event) {
  const { elt } = event.detail;
  if (mark(elt, "error", WORDS.failed)) announce(WORDS.failed);
  else toast(WORDS.failed, "late");
}

document.addEventListener("htmx:beforeRequest", (event) => mark(event.detail.elt, "waiting", WORDS.waiting));
document.addEventListener("htmx:sendError", failed);
document.addEventListener("htmx:timeout", failed);
document.addEventListener("htmx:responseError", failed);
document.addEventListener("htmx:afterSettle", (event) => {
  const place = event.detail.elt.querySelector?.("[data-save-state]");
  if (place) announce(place.textContent.trim());
});
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.state));

// Leaving while a value is on its way, or was refused, would lose it silently.
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("[data-save-state][data-state=waiting], [data-save-state][data-state=error]")) {
    event.preventDefault();
  }
});

loadHtmx();
if (anythingQueued()) import("./outbox.js");
document.querySelectorAll("[data-close][hidden]").forEach((button) => {
  button.hidden = false;
});
document.querySelector("[data-focus]")?.focus();
