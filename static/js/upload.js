/*
 * Uploading evidence: each file that is dropped or chosen becomes a card with its own number, date, issuing body and
 * quote. Cards are sent one by one with progress, and tried again under the same key after a dropped connection, so
 * that a lost answer adds nothing twice. A card that was refused stays with everything that was typed in it.
 * Without this module the form sends all files in one go, under one description.
 */

import { renew, token } from "./token.js";

const form = document.querySelector("form[data-upload]");
const input = form?.querySelector("input[type=file]");
const drop = form?.querySelector("[data-drop]");
const list = form?.querySelector("[data-cards]");
const template = form?.querySelector("template[data-card]");
const note = form?.querySelector("[data-upload-note]");
const TRIES = 3;
const WORDS = {
  big: (limit) => `Tệp vượt giới hạn ${limit} MB nên không gửi.`,
  choose: "Hãy chọn ít nhất một tệp.",
  done: (name) => `${name}: đã thêm vào tiêu chí.`,
  empty: "Tệp không có nội dung (0 byte).",
  failed: (count) => `${count} tệp chưa được nhận. Thông tin đã nhập vẫn còn; sửa rồi bấm “Tải lên” để gửi lại.`,
  kind: (kinds) => `Không nhận loại tệp này. Các loại nhận: ${kinds}.`,
  lost: "Mất kết nối nên chưa gửi được. Tệp và thông tin đã nhập vẫn còn; bấm “Tải lên” để gửi lại.",
  progress: (name) => `Đang gửi ${name}`,
  retry: "Mất kết nối, đang thử lại…",
  scan: "Đang kiểm tra tệp…",
  login: "Phiên làm việc đã hết. Hãy đăng nhập ở một thẻ khác rồi bấm “Tải lên” để gửi lại.",
  person: "Trình duyệt đang đăng nhập bằng tài khoản khác. Hãy đăng nhập lại bằng tài khoản của bạn rồi bấm “Tải lên”.",
  refused: "Máy chủ không nhận: tiêu chí không còn mở cho bạn.",
  waiting: "Chờ gửi",
};
const cards = new Map();
let made = 0;

/** Why a file would be refused anyway, before it is sent. */
function objection(file) {
  const kinds = form.dataset.extensions.split(",");
  if (!kinds.includes(`.${file.name.split(".").pop().toLowerCase()}`)) {
    return WORDS.kind(kinds.map((kind) => kind.slice(1)).join(", "));
  }
  if (file.size === 0) return WORDS.empty;
  const limit = Number(form.dataset.maxBytes);
  return file.size > limit ? WORDS.big(Math.floor(limit / 1024 / 1024)) : "";
}

function megabytes(size) {
  const number = size / 1024 / 1024;
  return number < 0.1 ? `${Math.max(1, Math.round(size / 1024))} KB` : `${number.toFixed(1).replace(".", ",")} MB`;
}

function say(card, text, state = "") {
  card.words.textContent = text;
  card.words.className = state;
  card.item.classList.toggle("refused-file", state === "refused");
}

/** A card for a file, with fields of its own. The mark in the template's names becomes the card's number. */
function add(file) {
  made += 1;
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll(template.dataset.card, `tep${made}`);
  const item = holder.content.firstElementChild;
  const find = (name) => item.querySelector(`[data-${name}]`);
  find("file-name").textContent = file.name;
  find("file-size").textContent = megabytes(file.size);
  find("remove").setAttribute("aria-label", `Bỏ ${file.name}`);
  const card = {
    file,
    item,
    key: crypto.randomUUID(),
    words: find("said"),
    bar: find("bar"),
    why: objection(file),
    fields: Array.from(item.querySelectorAll("input, textarea")),
  };
  card.bar.setAttribute("aria-label", WORDS.progress(file.name));
  find("remove").addEventListener("click", () => {
    cards.delete(item);
    item.remove();
    show();
    input.focus();
  });
  if (card.why) {
    say(card, card.why, "refused");
    find("fields").remove();
  } else say(card, WORDS.waiting);
  cards.set(item, card);
  list.append(item);
}

function addAll(files) {
  for (const file of files) add(file);
  input.value = "";
  show();
}

/** The one description of the plain form makes place for those of the cards. */
function show() {
  form.querySelector("[data-shared]").hidden = true;
  note.textContent = "";
}

/** One request; resolves to the answer, rejects when the connection broke. */
function request(body, card) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", form.action);
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("X-CSRFToken", token());
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) card.bar.value = (event.loaded * 100) / event.total;
    });
    call.upload.addEventListener("load", () => say(card, WORDS.scan));
    call.addEventListener("load", () => (call.status >= 500 ? reject(call) : resolve(call)));
    call.addEventListener("error", () => reject(call));
    call.send(body);
  });
}

async function send(card) {
  const body = new FormData();
  for (const field of card.fields) body.append(field.name.split("-").pop(), field.value);
  body.append("idempotency_key", card.key);
  body.append("file", card.file);
  card.bar.hidden = false;
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      let answer = await request(body, card);
      let why = answer.status === 403 ? await renew() : "";
      if (answer.status === 403 && !why) {
        answer = await request(body, card);
        why = answer.status === 403 ? "refused" : "";
      }
      return finish(answer, card, why);
    } catch {
      say(card, attempt < TRIES ? WORDS.retry : WORDS.lost, "refused");
      if (attempt < TRIES) await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
    }
  }
  card.bar.hidden = true;
  return false;
}

/** `why` names the reason for which the server did not look at the request. */
function finish(answer, card, why) {
  card.bar.hidden = true;
  const wrong = new Set(answer.response?.fields ?? []);
  for (const field of card.fields) {
    if (wrong.has(field.name.split("-").pop())) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  if (answer.status !== 200 || !answer.response?.list) {
    say(card, why ? WORDS[why] : answer.response?.message ?? WORDS.login, "refused");
    return false;
  }
  const done = document.createElement("li");
  done.className = "text-ok";
  done.textContent = WORDS.done(card.file.name);
  card.item.replaceWith(done);
  cards.delete(card.item);
  document.getElementById(form.dataset.list).outerHTML = answer.response.list;
  return true;
}

async function sendAll() {
  const ready = Array.from(cards.values()).filter((card) => !card.why);
  form.setAttribute("aria-busy", "true");
  for (const card of ready) await send(card);
  form.removeAttribute("aria-busy");
  note.textContent = cards.size ? WORDS.failed(cards.size) : "";
}

function busy() {
  return form.getAttribute("aria-busy") === "true";
}

if (form && input && window.isSecureContext) {
  input.addEventListener("change", () => {
    if (!busy() && input.files.length) addAll(Array.from(input.files));
  });
  // Before app.js locks the form against a second press.
  window.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (busy()) return;
      if (cards.size) sendAll();
      else note.textContent = WORDS.choose;
    },
    true,
  );
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragover");
      if (name === "drop" && !busy()) addAll(Array.from(event.dataTransfer.files));
    });
  }
  // Cards that were not sent would be lost, with what was typed in them.
  window.addEventListener("beforeunload", (event) => {
    if (busy() || Array.from(cards.values()).some((card) => !card.why)) event.preventDefault();
  });
}
