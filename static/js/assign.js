/*
 * Phân công: a branch's box picks everything below it, and shows when only a part is picked.
 * Without this file a branch that is picked is given as a whole all the same.
 */

const form = document.querySelector("[data-assign]");
const boxes = [...form.querySelectorAll("input[name=pick]")];
const all = form.querySelector("[data-assign-all]");
const count = form.querySelector("[data-assign-count]");

const inside = (box, branch) => box.dataset.code.startsWith(`${branch.dataset.code}.`);
const below = new Map(boxes.map((branch) => [branch, boxes.filter((box) => inside(box, branch))]));
const isLeaf = (box) => below.get(box).length === 0;

/** A branch is picked when all its criteria are, and half picked when some are. */
function refresh() {
  for (const [branch, inner] of below) {
    if (!inner.length) continue;
    const leaves = inner.filter(isLeaf);
    const picked = leaves.filter((box) => box.checked).length;
    branch.checked = picked === leaves.length;
    branch.indeterminate = picked > 0 && !branch.checked;
  }
  const leaves = boxes.filter(isLeaf);
  const picked = leaves.filter((box) => box.checked).length;
  const whole = all.querySelector("input");
  whole.checked = picked === leaves.length;
  whole.indeterminate = picked > 0 && !whole.checked;
  count.textContent = picked ? `Đã chọn ${picked} tiêu chí` : "";
}

form.addEventListener("change", (event) => {
  const box = event.target;
  if (all.contains(box)) for (const each of boxes) each.checked = box.checked;
  else if (below.has(box)) for (const each of below.get(box)) each.checked = box.checked;
  else return;
  refresh();
});

all.hidden = false;
refresh();
