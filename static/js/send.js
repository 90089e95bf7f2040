/*
 * One entry of the queue to the server, as the form of its row would send it. The same entry sent twice has one effect:
 * the server changes nothing where the content is saved already, and answers 409 where somebody saved something else.
 *
 * Answers: {kind: saved|conflict|invalid|refused|login|person|down, html, version, status}. A plain save answers with its
 * version only; a choice between two contents with the row.
 */

import { renew, token } from "./token.js";

const TIMEOUT_MS = 20_000;

function post(entry) {
  const headers = { "X-CSRFToken": token(), "HX-Request": "true" };
  if (!entry.fields.some(([name]) => name === "resolve")) headers.Prefer = "return=minimal";
  return fetch(entry.url, {
    method: "POST",
    body: new URLSearchParams(entry.fields),
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

async function judge(answer) {
  if (answer.type === "opaqueredirect") return { kind: "login" };
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return { kind: "down" };
  const html = await answer.text();
  const version = answer.headers.get("X-Version");
  if (answer.ok && version !== null) return { kind: "saved", html, version };
  if (answer.status === 409) return { kind: "conflict", html };
  if (answer.status === 422) return { kind: "invalid", html };
  return { kind: "refused", status: answer.status };
}

export async function send(entry) {
  try {
    let answer = await post(entry);
    if (answer.status === 403) {
      const why = await renew();
      if (why) return { kind: why, status: answer.status };
      answer = await post(entry);
    }
    return await judge(answer);
  } catch {
    return { kind: "down" };
  }
}
