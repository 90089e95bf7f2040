/*
 * <details data-part="URL"> fetches its content when it is opened: the talk about a criterion and its history.
 *
 * Without this module the link inside leads to the same on a page of its own.
 */

import { toast } from "./say.js";
import { renew, token } from "./token.js";

const FAILED = "Chưa tải được. Kiểm tra mạng rồi mở lại.";
const NOT_SENT = {
  down: "Chưa gửi được. Nội dung còn trong ô; kiểm tra mạng rồi gửi lại.",
  login: "Phiên đăng nhập đã hết. Nội dung còn trong ô; hãy đăng nhập ở một thẻ khác rồi gửi lại.",
  person: "Trình duyệt đang đăng nhập bằng tài khoản khác. Hãy đăng nhập lại bằng tài khoản của bạn rồi gửi lại.",
  refused: "Máy chủ không nhận: bạn không còn được trao đổi ở hồ sơ này.",
};

function ask(url, options) {
  const headers = { "X-Part": "1", "X-CSRFToken": token() };
  return fetch(url, { ...options, headers, redirect: "manual" });
}

/** The answer to a form, with a fresh token where the page's is stale. Throws one of the keys of NOT_SENT. */
async function post(form) {
  const body = new FormData(form);
  body.delete("csrfmiddlewaretoken");
  let answer = await ask(form.action, { method: "POST", body });
  if (answer.type === "opaqueredirect") throw new Error("login");
  if (answer.status === 403) {
    const why = await renew();
    if (why) throw new Error(why);
    answer = await ask(form.action, { method: "POST", body });
    if (answer.status === 403) throw new Error("refused");
  }
  return answer;
}

async function load(details, asked = ask(details.dataset.part)) {
  const answer = await asked;
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
    load(details, post(form))
      .then(() => (details.querySelector("[aria-invalid], textarea") ?? details.querySelector("summary")).focus())
      .catch((error) => {
        form.removeAttribute("aria-busy");
        toast(NOT_SENT[error.message] ?? NOT_SENT.down, "late");
      });
  },
  true,
);
