/*
 * <label data-check-all="NAME" hidden>: its box checks all boxes called NAME of the same form, and is half checked
 * while some are. Without this file each box is checked by itself and the label stays hidden.
 */

for (const label of document.querySelectorAll("[data-check-all]")) {
  const whole = label.querySelector("input");
  const form = whole.form;
  const boxes = [...form.querySelectorAll(`input[type=checkbox][name=${label.dataset.checkAll}]`)];

  const refresh = () => {
    const checked = boxes.filter((box) => box.checked).length;
    whole.checked = checked === boxes.length;
    whole.indeterminate = checked > 0 && !whole.checked;
  };
  form.addEventListener("change", (event) => {
    if (event.target === whole) for (const box of boxes) box.checked = whole.checked;
    else if (!boxes.includes(event.target)) return;
    refresh();
  });
  label.hidden = false;
  refresh();
}
