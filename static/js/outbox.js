/*
 * Sends what the queue holds, one entry after the other, in the order in which it was typed.
 *
 * While the server cannot be reached it tries again at growing intervals, and at once when the network is back, the tab
 * is looked at again, or something new is typed. An entry leaves the queue when the server has confirmed it or the
 * person throws it away; one that clashes, is wrong or is refused waits for the person.
 */

import * as queue from "./queue.js";
import { showLine } from "./queue_line.js";
import { look } from "./look.js";
import { contentOf, fill, mark, replace, rowOfScore, setVersion, versionOf, wordsOf } from "./rows.js";
import { send } from "./send.js";

const FIRST_MS = 2_000;
const LONGEST_MS = 60_000;
const CHOICE = ["resolve", "seen_version"];
const WORDS = { queued: "Chờ mạng", refused: "Chưa lưu được", sending: "Đang lưu…", typed: "Chưa lưu" };

let running = false;
let again = false;
let delay = FIRST_MS;
let timer = 0;
/** Why nothing can be sent at the moment: "", or down, login, person. */
let halted = "";

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** What of an entry stands in fields: neither the version nor the choice in a conflict. */
function typedOf(entry) {
  return entry.fields.filter(([name]) => name !== "version" && !CHOICE.includes(name));
}

/** The row on this page that shows the entry, if there is one. */
function rowOfEntry(entry) {
  const row = rowOfScore(entry.score);
  return row && versionOf(row) === String(entry.version) ? row : null;
}

function place(row) {
  return { dossier: row.dataset.dossier, score: row.dataset.row, version: versionOf(row) };
}

function tell(entry, state) {
  const row = rowOfEntry(entry);
  if (row) mark(row, state === "refused" ? "error" : state, WORDS[state]);
}

/** What the server answered to `entry`; what was typed meanwhile stays and stands upon the new version. */
function settle(entry, result) {
  const row = rowOfEntry(entry);
  const stored = queue.get(entry.key);
  const more = stored !== null && !same(stored.fields, entry.fields);
  if (more && result.kind === "saved") {
    const fields = stored.fields.map(([name, value]) => [name, name === "version" ? result.version : value]);
    queue.put({ ...stored, key: entry.key, version: result.version, fields });
    if (row) setVersion(row, result.version);
  }
  if (more) return;
  if (result.kind === "saved") queue.remove(entry.key);
  else if (stored !== null) queue.put({ ...stored, key: entry.key, state: result.kind });
  const chosen = entry.fields.some(([name]) => name === "resolve");
  if (row && result.kind === "saved" && !result.html) {
    setVersion(row, result.version);
    look(row);
  } else if (row && result.html && (chosen || same(contentOf(row), typedOf(entry)))) replace(result.html);
  else if (result.kind === "refused") tell(entry, "refused");
}

async function drain() {
  for (;;) {
    const waiting = (await queue.owned()).filter((entry) => entry.state === "waiting");
    if (!waiting.length) return;
    for (const entry of waiting) tell(entry, halted && entry !== waiting[0] ? "queued" : "sending");
    const result = await send(waiting[0]);
    if (["down", "login", "person"].includes(result.kind)) {
      halted = result.kind;
      timer = setTimeout(retry, delay * (1 + Math.random() / 5));
      return;
    }
    halted = "";
    delay = FIRST_MS;
    settle(waiting[0], result);
  }
}

function retry() {
  delay = Math.min(delay * 2, LONGEST_MS);
  kick();
}

function paint() {
  const all = queue.entries();
  if (halted) all.filter((entry) => entry.state === "waiting").forEach((entry) => tell(entry, "queued"));
  showLine({ all, halted, unkept: queue.anythingUnkept(), shown: (entry) => rowOfEntry(entry) !== null, discard, kick });
}

/** Send what waits now; a call while it runs lets it look once more. */
export async function kick() {
  again = true;
  if (running) return;
  running = true;
  clearTimeout(timer);
  try {
    while (again) {
      again = false;
      await drain();
      again = again && !halted;
    }
  } finally {
    running = false;
    paint();
  }
}

/** The person does not want a value any more; the row shows again what is saved. */
function discard(entry) {
  queue.remove(entry.key);
  if (rowOfScore(entry.score)) location.reload();
  else paint();
}

/**
 * Keep what a row holds. `state` is "typed" while the person is in the field, "waiting" when it is to be sent;
 * `submitter` is the button that was pressed, which may choose a side in a conflict.
 */
export function keep(row, state, submitter = null) {
  const at = place(row);
  const key = queue.keyOf(at);
  const fields = [...contentOf(row), ["version", at.version]];
  if (submitter?.name === "resolve") {
    fields.push(["resolve", submitter.value]);
    const seen = submitter.form.elements.seen_version;
    if (seen) fields.push(["seen_version", seen.value]);
  }
  const kept = queue.put({
    ...at,
    key,
    order: queue.get(key)?.order,
    state,
    fields,
    words: wordsOf(row),
    url: submitter?.form.action ?? row.querySelector("form[id]").action,
    page: `${location.pathname}#${row.id}`,
    code: row.dataset.code,
    name: row.dataset.name,
  }).kept;
  if (state === "typed") mark(row, "typed", WORDS.typed);
  if (!kept) paint();
}

/** Whether the row holds something that was typed and not given up for sending. */
export function isTyped(row) {
  return queue.get(queue.keyOf(place(row)))?.state === "typed";
}

/** What was kept before this page was loaded goes back into its fields and is sent again. */
async function resume() {
  for (const found of await queue.owned()) {
    const entry = queue.adopt(found);
    const row = rowOfScore(entry.score);
    if (row) {
      setVersion(row, entry.version);
      fill(row, typedOf(entry));
    }
    queue.put({ ...entry, state: row || entry.state === "typed" ? "waiting" : entry.state });
  }
  kick();
}

window.addEventListener("online", () => {
  delay = FIRST_MS;
  kick();
});
window.addEventListener("storage", paint);
window.addEventListener("focus", () => halted && kick());
window.addEventListener("beforeunload", (event) => queue.anythingUnkept() && event.preventDefault());

resume();
