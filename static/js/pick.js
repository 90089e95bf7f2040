/*
 * <input data-pick-filter="ID">: shows only those choices within the element ID whose text has every word in it.
 * Chosen ones stay in sight. [data-pick-count] within the same form says how many are chosen.
 */

for (const filter of document.querySelectorAll("[data-pick-filter]")) {
  const box = document.getElementById(filter.dataset.pickFilter);
  const groups = Array.from(box.querySelectorAll("fieldset"));
  const count = filter.form.querySelector("[data-pick-count]");
  filter.closest("[hidden]")?.removeAttribute("hidden");

  const narrow = () => {
    const words = filter.value.toLocaleLowerCase("vi").split(/\s+/).filter(Boolean);
    for (const group of groups) {
      let left = 0;
      for (const choice of group.querySelectorAll(".choice")) {
        const text = choice.textContent.toLocaleLowerCase("vi");
        choice.hidden = !choice.querySelector("input").checked && !words.every((word) => text.includes(word));
        if (!choice.hidden) left += 1;
      }
      group.hidden = left === 0;
    }
  };
  const tell = () => {
    const chosen = box.querySelectorAll("input:checked").length;
    count.textContent = chosen ? `Đã chọn ${chosen} tiêu chí` : "";
  };
  filter.addEventListener("input", narrow);
  // Enter in the filter must not send the form.
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  box.addEventListener("change", tell);
  tell();
}
