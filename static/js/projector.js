/*
 * The projector: arrow keys and Page Up/Down (what a presenter's clicker sends) go from matter to matter, Escape goes
 * back to the meeting. Every few seconds the page asks for itself, so that a decision appears once it is written down.
 */

const PERIOD = 4_000;
const KEYS = { ArrowRight: "next", PageDown: "next", ArrowLeft: "previous", PageUp: "previous", Escape: "back" };

document.addEventListener("keydown", (event) => {
  const link = KEYS[event.key] && document.querySelector(`[data-go=${KEYS[event.key]}]`);
  if (!link) return;
  event.preventDefault();
  link.click();
});

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-projector]");
    const shown = document.querySelector("[data-projector]");
    if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
  } catch {
    // The next tick asks again: what is shown stays.
  }
}

if (document.querySelector("[data-projector]")?.hasAttribute("data-live")) setInterval(refresh, PERIOD);
