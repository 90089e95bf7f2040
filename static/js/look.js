/*
 * Reads again the rows that were saved, with the sums that they change: all those of one moment in one request.
 *
 * A row in which something was typed meanwhile is left alone; its own save will read it.
 */

import { ROW, contentOf, mark, replace, versionOf } from "./rows.js";
import { announce } from "./say.js";

const PAUSE_MS = 150;
const TIMEOUT_MS = 20_000;
const waiting = new Map();
let timer = 0;

const stateOf = (row) => JSON.stringify([versionOf(row), contentOf(row)]);

async function read() {
  const seen = new Map(waiting);
  waiting.clear();
  const address = document.querySelector(ROW).dataset.rows;
  const query = new URLSearchParams(Array.from(seen.keys(), (score) => ["row", score]));
  const answer = await fetch(`${address}?${query}`, {
    headers: { "HX-Request": "true" },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  replace(await answer.text(), (row) => stateOf(row) === seen.get(row.dataset.row));
}

/** The row was saved: say so at once, and show soon what came of it. */
export function look(row) {
  const now = new Date();
  const words = `Đã lưu ${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  mark(row, "saved", words);
  announce(`${row.dataset.code}: ${words}`);
  waiting.set(row.dataset.row, stateOf(row));
  clearTimeout(timer);
  // What was saved is saved; points that could not be read again come with the next save or the next page.
  timer = setTimeout(() => read().catch(() => {}), PAUSE_MS);
}
