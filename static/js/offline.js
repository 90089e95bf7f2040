/*
 * The comparison of an uploaded workbook: filter its rows, tick all changes at once, say how many will be saved.
 * Without this script every row is shown and each is ticked by itself.
 */

const form = document.querySelector("[data-offline]");
const filters = form?.querySelector("[data-filters]");
const all = form?.querySelector("[data-all]");
const chosen = form?.querySelector("[data-chosen]");
const ticks = form ? [...form.querySelectorAll("input[name=accept]")] : [];

function show(kind) {
  for (const button of filters.querySelectorAll("[data-filter]")) {
    button.setAttribute("aria-pressed", String(button.dataset.filter === kind));
  }
  for (const body of form.querySelectorAll("tbody[data-kind]")) {
    body.hidden = kind !== "all" && body.dataset.kind !== kind;
  }
}

function count() {
  const ticked = ticks.filter((tick) => tick.checked).length;
  const sides = form.querySelectorAll("input[type=radio]:checked").length;
  if (chosen) chosen.textContent = `Đang chọn ${ticked} thay đổi, đã quyết định ${sides} dòng hai người cùng sửa.`;
  const box = all?.querySelector("input");
  if (!box) return;
  box.checked = ticked === ticks.length;
  box.indeterminate = ticked > 0 && ticked < ticks.length;
}

if (form) {
  form.querySelector("[data-bar]").hidden = false;
  filters.addEventListener("click", (event) => {
    const button = event.target.closest("[data-filter]");
    if (button) show(button.dataset.filter);
  });
  if (all) {
    all.querySelector("input").addEventListener("change", (event) => {
      for (const tick of ticks) tick.checked = event.target.checked;
      count();
    });
  }
  form.addEventListener("change", count);
  count();
}
