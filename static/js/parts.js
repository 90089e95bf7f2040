/*
 * <details data-part="URL"> fetches its content when it is opened: the talk about a criterion and its history.
 *
 * Without this module the link inside leads to the same on a page of its own.
 */

import { toast } from "./say.js";

const FAILED = "Chưa tải được. Kiểm tra mạng rồi mở lại.";
const NOT_SENT = "Chưa gửi được. Nội dung còn trong ô; kiểm tra mạng rồi gửi lại.";

async function load(details, url = details.dataset.part, options = {}) {
  const answer = await fetch(url, { ...options, headers: { "X-Part": "1" }, redirect: "manual" });
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
  const body = details.querySelector("[data-part-body]");
  body.innerHTML = await answer.text();
  const open = body.querySelector("[data-count]")?.dataset.count;
  const badge = details.querySelector("summary .count");
  if (badge && open !== undefined) {
    badge.hidden = open === "0";
    badge.firstChild.textContent = open;
  }
}

document.addEventListener(
  "toggle",
  (event) => {
    const details = event.target;
    if (details.open && details.matches?.("details[data-part]") && !details.querySelector("textarea:not(:placeholder-shown)")?.value) {
      load(details).catch(() => toast(FAILED, "late"));
    }
  },
  true,
);

// An open history tells of the save that has just come back.
document.addEventListener("row:replaced", (event) => {
  const history = event.target.querySelector("details[data-part][open][id^=history-]");
  if (history) load(history).catch(() => {});
});

// Before app.js locks the form against a second press: its key makes a repetition harmless.
window.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const details = form.closest?.("details[data-part]");
    if (!details) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.getAttribute("aria-busy")) return;
    form.setAttribute("aria-busy", "true");
    load(details, form.action, { method: "POST", body: new FormData(form) })
      .then(() => (details.querySelector("[aria-invalid], textarea") ?? details.querySelector("summary")).focus())
      .catch(() => {
        form.removeAttribute("aria-busy");
        toast(NOT_SENT, "late");
      });
  },
  true,
);
