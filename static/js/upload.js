/*
 * Uploading evidence: files are dropped or chosen, described, and sent one by one, each with its progress and tried
 * again after a dropped connection.
 * Without this module the form sends all files in one go. A refused file says why; what was typed stays.
 */

const form = document.querySelector("form[data-upload]");
const input = form?.querySelector("input[type=file]");
const drop = form?.querySelector("[data-drop]");
const list = form?.querySelector("[data-sending]");
const TRIES = 3;
const WORDS = {
  again: "Gửi lại",
  big: (limit) => `Tệp vượt giới hạn ${limit} MB nên không gửi.`,
  choose: "Hãy chọn ít nhất một tệp.",
  done: "Đã thêm vào tiêu chí.",
  empty: "Tệp không có nội dung (0 byte).",
  kind: (kinds) => `Không nhận loại tệp này. Các loại nhận: ${kinds}.`,
  lost: "Mất kết nối nên chưa gửi được. Tệp và thông tin đã nhập vẫn còn.",
  progress: (name) => `Đang gửi ${name}`,
  retry: "Mất kết nối, đang thử lại…",
  scan: "Đang kiểm tra tệp…",
};

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

function line(file) {
  const item = document.createElement("li");
  const name = document.createElement("b");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", WORDS.progress(file.name));
  const words = document.createElement("div");
  item.append(name, bar, words);
  list.append(item);
  return { item, bar, words };
}

function say(row, text, state = "") {
  row.words.textContent = text;
  row.words.className = state;
}

/** One request; resolves to the answer, rejects when the connection broke. */
function request(body, row) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", form.action);
    call.setRequestHeader("Accept", "application/json");
    call.responseType = "json";
    call.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) row.bar.value = (event.loaded * 100) / event.total;
    });
    call.upload.addEventListener("load", () => say(row, WORDS.scan));
    call.addEventListener("load", () => (call.status >= 500 ? reject(call) : resolve(call)));
    call.addEventListener("error", () => reject(call));
    call.send(body);
  });
}

/** Send one file under its own key, so that a repetition after a lost answer adds nothing twice. */
async function send(file, row, details, key) {
  const body = new FormData();
  for (const [name, value] of details) body.append(name, value);
  body.set("idempotency_key", key);
  body.append("file", file);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      const answer = await request(body, row);
      return finish(answer, row);
    } catch {
      say(row, attempt < TRIES ? WORDS.retry : WORDS.lost, "refused");
      await new Promise((resolve) => setTimeout(resolve, attempt * 1000));
    }
  }
  const again = document.createElement("button");
  again.type = "button";
  again.className = "btn btn-sm";
  again.textContent = WORDS.again;
  again.addEventListener("click", () => {
    again.remove();
    send(file, row, details, key);
  });
  row.item.append(again);
  return false;
}

function finish(answer, row) {
  row.bar.remove();
  if (answer.status !== 200 || !answer.response?.list) {
    say(row, answer.response?.message ?? WORDS.lost, "refused");
    return false;
  }
  say(row, WORDS.done, "text-ok");
  document.getElementById(form.dataset.list).outerHTML = answer.response.list;
  return true;
}

async function sendAll(files) {
  const details = Array.from(new FormData(form)).filter(([name]) => name !== "file" && name !== "idempotency_key");
  if (files.length > 1) details.splice(0, details.length, ...details.filter(([name]) => name !== "title"));
  list.replaceChildren();
  form.setAttribute("aria-busy", "true");
  let all = true;
  for (const file of files) {
    const row = line(file);
    const why = objection(file);
    if (why) {
      row.bar.remove();
      say(row, why, "refused");
      all = false;
    } else if (!(await send(file, row, details, crypto.randomUUID()))) {
      all = false;
    }
  }
  form.removeAttribute("aria-busy");
  // What describes one document must not slip onto the next one.
  if (all) form.reset();
  else input.value = "";
}

function busy() {
  return form.getAttribute("aria-busy") === "true";
}

if (form && input && window.isSecureContext) {
  // Before app.js locks the form against a second press.
  window.addEventListener(
    "submit",
    (event) => {
      if (event.target !== form) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (busy()) return;
      if (input.files.length) sendAll(Array.from(input.files));
      else list.replaceChildren(Object.assign(document.createElement("li"), { className: "refused", textContent: WORDS.choose }));
    },
    true,
  );
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragover");
      if (name === "drop" && !busy() && event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if (busy()) event.preventDefault();
  });
}
