/*
 * What of the queue a person must know: how much waits and why, and the list of it, from where a value can be opened or
 * thrown away. It stands under the sum of the sheet, on other pages above the content.
 */

const WORDS = {
  close: "Đóng",
  discard: "Bỏ nội dung này",
  discardSure: "Bấm lần nữa để bỏ hẳn",
  down: (count) => `Chờ mạng: ${count} tiêu chí. Nội dung đã giữ trong trình duyệt này, tự gửi khi kết nối lại được.`,
  login: (count) => `Phiên đăng nhập đã hết: ${count} tiêu chí chưa gửi, nội dung còn giữ trong trình duyệt này.`,
  look: (count) => `${count} tiêu chí chưa lưu cần bạn xem lại.`,
  now: "Gửi ngay",
  open: "Mở tiêu chí",
  person: (count) => `Trình duyệt đang đăng nhập bằng tài khoản khác: ${count} tiêu chí chưa gửi. Hãy đăng nhập lại bằng tài khoản của bạn.`,
  show: "Xem",
  signIn: "Đăng nhập lại",
  title: "Nội dung chưa gửi",
  unkept: "Trình duyệt không giữ được nội dung (bộ nhớ đầy hoặc bị chặn). Đừng đóng trang này cho đến khi lưu xong.",
};
const STATES = {
  conflict: "người khác đã sửa cùng tiêu chí, cần chọn nội dung giữ lại",
  invalid: "chưa đúng hoặc tiêu chí đang khóa, cần xem lại",
  refused: "máy chủ từ chối: tiêu chí không còn mở cho bạn",
  typed: "đang nhập",
  waiting: "chờ gửi",
};

let last = "";
let dialog = null;

function make(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function button(text, press) {
  const found = make("button", text, { type: "button", class: "btn btn-sm" });
  found.addEventListener("click", press);
  return found;
}

function line() {
  const there = document.getElementById("queue-line");
  if (there) return there;
  const made = make("div", "", { id: "queue-line" });
  document.getElementById("content")?.prepend(made);
  return made;
}

function item(entry, discard) {
  const found = make("li");
  found.append(make("b", `${entry.code} ${entry.name}`), make("span", ` · ${STATES[entry.state] ?? ""}`, { class: "sub" }));
  const values = make("ul", "", { class: "plain-list" });
  for (const [label, value] of entry.words) values.append(make("li", `${label}: ${value}`));
  const remove = button(WORDS.discard, () => {
    if (remove.textContent === WORDS.discard) {
      remove.textContent = WORDS.discardSure;
      return;
    }
    found.remove();
    discard(entry);
  });
  const buttons = make("p", "", { class: "cluster" });
  buttons.append(make("a", WORDS.open, { class: "btn btn-sm", href: entry.page }), remove);
  buttons.firstChild.addEventListener("click", () => dialog.close());
  found.append(values, buttons);
  return found;
}

function openList(all, discard) {
  dialog?.remove();
  dialog = make("dialog", "", { class: "dialog", "aria-labelledby": "queue-title" });
  const body = make("div", "", { class: "dialog-body" });
  const list = make("ul", "", { class: "queue-list" });
  list.append(...all.map((entry) => item(entry, discard)));
  body.append(make("h2", WORDS.title, { id: "queue-title" }), list);
  const actions = make("div", "", { class: "dialog-actions" });
  actions.append(button(WORDS.close, () => dialog.close()));
  dialog.append(body, actions);
  document.body.append(dialog);
  dialog.showModal();
}

/** Show how the queue stands; nothing where all is well. The same words are not read out twice. */
export function showLine({ all, halted, unkept, shown, discard, kick }) {
  const scores = (entries) => new Set(entries.map((entry) => `${entry.dossier}:${entry.score}`)).size;
  const waiting = scores(all.filter((entry) => entry.state === "waiting"));
  const look = scores(all.filter((entry) => ["conflict", "invalid", "refused"].includes(entry.state) && !shown(entry)));
  const words = [
    halted && waiting ? WORDS[halted](waiting) : "",
    look ? WORDS.look(look) : "",
    unkept ? WORDS.unkept : "",
  ].filter(Boolean);
  const text = words.join(" ");
  if (text === last) return;
  last = text;
  const place = line();
  place.replaceChildren();
  if (!text) return;
  const note = make("div", "", { class: `queue-line ${unkept ? "late" : "soon"}`, role: "status" });
  note.append(make("span", text));
  if (halted === "login" || halted === "person") {
    const next = encodeURIComponent(location.pathname + location.search);
    note.append(make("a", WORDS.signIn, { class: "btn btn-sm", href: `/dang-nhap/?next=${next}` }));
  } else if (halted) {
    note.append(button(WORDS.now, kick));
  }
  note.append(button(WORDS.show, () => openList(all, discard)));
  place.append(note);
}
