/*
 * Signing out while something typed is not saved: the person says whether this browser keeps it.
 */

import * as queue from "./queue.js";

const WORDS = {
  back: "Quay lại",
  clear: "Bỏ và đăng xuất",
  keep: "Giữ lại và đăng xuất",
  text: (codes) =>
    `Chưa gửi được lên máy chủ: tiêu chí ${codes}. Giữ lại thì lần sau bạn đăng nhập trên máy này, nội dung được gửi tiếp; trên máy dùng chung nên bỏ.`,
  title: "Còn nội dung chưa lưu",
};

export function askFirst(form) {
  const codes = Array.from(new Set(queue.entries().map((entry) => entry.code))).join(", ");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", "sign-out-title");
  dialog.innerHTML = `<form method="dialog"><div class="dialog-body"><h2 id="sign-out-title"></h2><p></p></div>
    <div class="dialog-actions"><button class="btn" value="back"></button><button class="btn" value="clear"></button>
    <button class="btn btn-primary" value="keep"></button></div></form>`;
  dialog.querySelector("h2").textContent = WORDS.title;
  dialog.querySelector("p").textContent = WORDS.text(codes);
  for (const button of dialog.querySelectorAll("button")) button.textContent = WORDS[button.value];
  dialog.addEventListener("close", () => {
    const choice = dialog.returnValue;
    dialog.remove();
    if (choice !== "clear" && choice !== "keep") return;
    if (choice === "clear") queue.clear();
    form.dataset.asked = "";
    form.requestSubmit();
  });
  document.body.append(dialog);
  dialog.showModal();
}
