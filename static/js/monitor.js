/*
 * The monitor's refresh: [data-live] asks for all parts every minute. It waits while the page is hidden and catches up
 * when it is seen again. What a person holds stays: the focus, places scrolled to, opened <details>.
 */

const PERIOD = 60_000;
const live = document.querySelector("[data-live]");
let asked = Date.now();
let kept = null;

function keep() {
  const focused = document.activeElement?.closest("[id^=live-]") ? document.activeElement.id : "";
  return {
    focused,
    open: [...document.querySelectorAll("[id^=live-] details[open][id]")].map((element) => element.id),
    scrolled: [...document.querySelectorAll("[id^=live-] .table-wrap[id]")].map((element) => [
      element.id,
      element.scrollLeft,
      element.scrollTop,
    ]),
    page: window.scrollY,
  };
}

function giveBack({ focused, open, scrolled, page }) {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, left, top] of scrolled) document.getElementById(id)?.scrollTo(left, top);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  window.scrollTo(window.scrollX, page);
}

if (live) {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt !== live) return;
    if (document.hidden) event.preventDefault();
    else asked = Date.now();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target === live || event.detail.elt === live) kept = keep();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (kept) giveBack(kept);
    kept = null;
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked >= PERIOD) window.htmx?.trigger(live, "refresh");
  });
}
