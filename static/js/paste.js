/*
 * A column of Excel pasted into a figure fills that figure of the criteria that follow, after a look at what goes where.
 *
 * Each line belongs to the next criterion that the unit fills and that has such a figure; further columns fill the
 * figures to the right. An empty cell leaves its field alone. The values are put into the fields as they were copied:
 * the server reads them as it reads what is typed, and each row is saved on the usual way.
 */

import { fieldsOf, rowOf, rows } from "./rows.js";

const WORDS = {
  accept: (count) => `Điền ${count} ô`,
  cancel: "Không điền",
  lead: (count) => `Mỗi dòng đã sao chép vào một tiêu chí, theo thứ tự trên trang. ${count} ô sẽ được điền rồi tự lưu.`,
  none: "(không có lựa chọn này, bỏ qua)",
  old: "Đang có",
  over: (count) => `${count} dòng cuối không còn tiêu chí để điền nên bỏ qua.`,
  title: "Dán từ Excel",
  value: "Sẽ điền",
  what: "Tiêu chí, số liệu",
};
const YES = ["có", "đạt", "x", "1", "true", "✓"];
const NO = ["không", "không đạt", "0", "false"];

/** Cells of what a spreadsheet puts onto the clipboard: tabs and lines, quotes around a cell with either. */
export function cells(text) {
  const table = [[""]];
  let quoted = false;
  const source = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
  for (let at = 0; at < source.length; at += 1) {
    const letter = source[at];
    const line = table.at(-1);
    if (quoted && letter === '"' && source[at + 1] === '"') {
      line[line.length - 1] += '"';
      at += 1;
    } else if (quoted ? letter === '"' : letter === '"' && line.at(-1) === "") quoted = !quoted;
    else if (!quoted && letter === "\t") line.push("");
    else if (!quoted && letter === "\n") table.push([""]);
    else line[line.length - 1] += letter;
  }
  return table.map((line) => line.map((cell) => cell.replace(/\s+/g, " ").trim()));
}

function figuresOf(row) {
  return fieldsOf(row).filter((field) => field.name.startsWith("figures."));
}

function optionFor(select, text) {
  const wanted = text.toLowerCase();
  const options = Array.from(select.options).filter((option) => option.value);
  const named = options.find((option) => [option.textContent.trim().toLowerCase(), option.value.toLowerCase()].includes(wanted));
  if (named) return named.value;
  const said = YES.includes(wanted) ? "true" : NO.includes(wanted) ? "false" : null;
  return options.find((option) => option.value === said)?.value ?? null;
}

/** Where the figure of a column stands in a row: by its name, else by its place. */
function fieldFor(row, start, column) {
  const figures = figuresOf(row);
  const first = figures.findIndex((field) => field.name === start.name);
  return figures[Math.max(first, 0) + column] ?? null;
}

/** What goes where: [{field, row, text, value}], value null where it cannot be put in; and how many lines are left. */
function plan(start, table) {
  const following = rows().slice(rows().indexOf(rowOf(start)));
  const targets = following.filter((row) => figuresOf(row).length);
  const found = [];
  table.forEach((line, index) => {
    if (!targets[index]) return;
    line.forEach((text, column) => {
      const field = fieldFor(targets[index], start, column);
      if (!field || text === "") return;
      const value = field.tagName === "SELECT" ? optionFor(field, text) : text;
      found.push({ field, row: targets[index], text, value });
    });
  });
  return { found, left: Math.max(0, table.length - targets.length) };
}

function put({ field, value }) {
  if (field.type === "checkbox") field.checked = YES.includes(value.toLowerCase());
  else field.value = value;
}

function shown(field) {
  if (field.type === "checkbox") return field.checked ? "✓" : "";
  return field.tagName === "SELECT" ? field.selectedOptions[0]?.value && field.selectedOptions[0].textContent : field.value;
}

function cell(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text });
}

function look({ found, left }, accept) {
  const good = found.filter((one) => one.value !== null);
  const dialog = document.createElement("dialog");
  dialog.className = "dialog paste";
  dialog.setAttribute("aria-labelledby", "paste-title");
  dialog.innerHTML = `<form method="dialog"><div class="dialog-body"><h2 id="paste-title"></h2><p></p>
    <div class="paste-table" tabindex="0" role="region" aria-labelledby="paste-title"><table class="table"><thead><tr></tr></thead><tbody></tbody></table></div></div>
    <div class="dialog-actions"><button class="btn" value="cancel"></button><button class="btn btn-primary" value="accept"></button></div></form>`;
  dialog.querySelector("h2").textContent = WORDS.title;
  dialog.querySelector("p").textContent = WORDS.lead(good.length);
  if (left) dialog.querySelector("p").after(Object.assign(cell("p", WORDS.over(left)), { className: "text-soon" }));
  for (const text of [WORDS.what, WORDS.old, WORDS.value]) {
    dialog.querySelector("thead tr").append(Object.assign(cell("th", text), { scope: "col" }));
  }
  for (const { field, row, text, value } of found) {
    const line = document.createElement("tr");
    const label = field.labels?.[0]?.textContent.trim().replace(/\s+/g, " ") ?? "";
    line.append(
      Object.assign(cell("th", `${row.dataset.code} ${row.dataset.name}: ${label}`), { scope: "row" }),
      cell("td", shown(field) || "–"),
      cell("td", value === null ? `${text} ${WORDS.none}` : text),
    );
    dialog.querySelector("tbody").append(line);
  }
  const [cancel, yes] = dialog.querySelectorAll("button");
  cancel.textContent = WORDS.cancel;
  yes.textContent = WORDS.accept(good.length);
  yes.disabled = good.length === 0;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue === "accept") accept(good);
  });
  document.body.append(dialog);
  dialog.showModal();
  yes.focus();
}

document.addEventListener("paste", (event) => {
  const field = event.target;
  const row = rowOf(field);
  if (!row || !field.name?.startsWith("figures.")) return;
  const table = cells(event.clipboardData.getData("text/plain"));
  if (table.length < 2 && table[0].length < 2) return;
  event.preventDefault();
  look(plan(field, table), (good) => {
    good.forEach(put);
    for (const target of new Set(good.map((one) => one.row))) {
      figuresOf(target)[0].dispatchEvent(new Event("change", { bubbles: true }));
    }
    document.getElementById(field.id)?.focus();
  });
});
