/*
 * Lists of documents.
 *
 *   <a data-preview="pdf|image" href="…/xem">   opens the file in <dialog id="preview">: beside the page where there is
 *                                               room, over it on a phone; elsewhere the link leads to the file itself
 *   <button data-copy="TEXT" hidden>            copies the text; shown only where the browser can
 */

import { toast } from "./say.js";

const panel = document.getElementById("preview");
const body = panel?.querySelector("[data-preview-body]");
const ROOM = window.matchMedia("(min-width: 1100px)");
const WORDS = {
  copied: "Đã sao chép mã SHA-256.",
  failed: "Không sao chép được. Hãy chọn mã rồi sao chép.",
  lost: "Không mở được ảnh này. Hãy tải tệp về để xem.",
};
let opener = null;

/** Whether this browser shows such a file inside a page. */
function shows(kind) {
  return kind === "image" || (kind === "pdf" && navigator.pdfViewerEnabled !== false);
}

function frame(kind, url, title) {
  if (kind === "image") {
    const picture = document.createElement("img");
    picture.alt = title;
    picture.addEventListener("error", () => body.replaceChildren(WORDS.lost));
    picture.src = url;
    return picture;
  }
  const page = document.createElement("iframe");
  page.title = title;
  // A hint to the viewer: the whole width for the page, no list of pages.
  page.src = `${url}#navpanes=0&view=FitH`;
  return page;
}

function open(link) {
  const title = link.dataset.title || link.textContent.trim();
  panel.querySelector("#preview-title").textContent = title;
  panel.querySelector("[data-preview-open]").href = link.href;
  panel.querySelector("[data-preview-file]").href = link.href.replace(/xem$/, "tai-ve");
  body.replaceChildren(frame(link.dataset.preview, link.href, title));
  opener?.removeAttribute("aria-current");
  opener = link;
  link.setAttribute("aria-current", "true");
  if (panel.open) return;
  if (ROOM.matches) {
    document.body.classList.add("has-preview");
    panel.show();
  } else panel.showModal();
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const link = target?.closest("a[data-preview]");
  const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (panel && link && plain && shows(link.dataset.preview)) {
    event.preventDefault();
    open(link);
  }
  const copy = target?.closest("[data-copy]");
  if (copy) {
    navigator.clipboard.writeText(copy.dataset.copy).then(
      () => toast(WORDS.copied, "ok"),
      () => toast(WORDS.failed, "soon"),
    );
  }
});

// A dialog that is not modal does not close on Escape by itself.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && panel?.open && !panel.matches(":modal")) panel.close();
});

panel?.addEventListener("close", () => {
  document.body.classList.remove("has-preview");
  body.replaceChildren();
  opener?.removeAttribute("aria-current");
  opener?.focus();
});

if (navigator.clipboard) {
  const show = () => document.querySelectorAll("[data-copy][hidden]").forEach((button) => (button.hidden = false));
  show();
  // Rows that a script adds later.
  new MutationObserver(show).observe(document.body, { childList: true, subtree: true });
}
