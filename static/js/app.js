/* Behaviours that every page shares. A page works without them; they only make it safer and quicker to use. */

const uses = "[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete],[hx-boost]";

/** Fetch htmx only where a page carries its attributes: other pages stay light. */
function loadHtmx() {
  const source = document.body.dataset.htmx;
  if (!source || !document.querySelector(uses)) return;
  const script = document.createElement("script");
  script.src = source;
  document.head.append(script);
}

loadHtmx();
