/*
 * The page's token against forged requests. After a new sign-in in another tab it is stale.
 */

const TIMEOUT_MS = 20_000;

export function token() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}

/**
 * Take a fresh token, but never for another person's session. Resolves to "" when there is one, else to why not:
 * login (nobody is signed in), person (somebody else is), refused.
 */
export async function renew() {
  const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (answer.type === "opaqueredirect") return "login";
  if (!answer.ok) return "refused";
  const body = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  if (body.dataset.person !== document.body.dataset.person) return body.dataset.person ? "person" : "login";
  document.body.setAttribute("hx-headers", body.getAttribute("hx-headers"));
  return "";
}
