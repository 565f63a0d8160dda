// Small comforts; every page works without them.
(() => {
  "use strict";
  const summary = document.querySelector(".nhsuk-error-summary");
  if (summary) { summary.tabIndex = -1; summary.focus(); }

  // "None of these" takes back the other ticks, and a tick takes back "None of these".
  document.addEventListener("change", (event) => {
    const box = event.target;
    const group = box.closest("[data-exclusive]");
    if (!group || box.type !== "checkbox" || !box.checked) return;
    const alone = box.dataset.alone !== undefined;
    for (const other of group.querySelectorAll("input[type=checkbox]")) {
      if (other !== box && (alone || other.dataset.alone !== undefined)) other.checked = false;
    }
  });

  // A second press of Send or Continue is the same press.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // Two minutes before the session ends, ask; staying tells the server that somebody is here.
  const idle = document.getElementById("idle");
  if (idle && idle.showModal) {
    let timer;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => idle.showModal(), idle.dataset.minutes * 60000);
    };
    idle.addEventListener("close", () => { fetch(location.href, { credentials: "same-origin" }); wait(); });
    wait();
  }

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
