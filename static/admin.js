// Names for what Django's own widgets leave unnamed. Their scripts make them by the end of "load",
// those of jQuery at its "ready", which may be later still and keeps the order of who waits.
addEventListener("load", () => {
  for (const tip of document.querySelectorAll(".help-tooltip[aria-label]")) {
    tip.setAttribute("role", "img");
  }
  // A table that is only looked at has nothing in it that Tab could lead to, and be scrolled by.
  for (const table of document.querySelectorAll(".inline-group .wrapper")) table.tabIndex = 0;
  window.django?.jQuery?.(() => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const label = select.labels[0];
      const box = select.nextElementSibling?.querySelector("[role=combobox]");
      if (!label || !box) continue;
      label.id ||= `${select.id}-label`;
      box.setAttribute("aria-labelledby", `${label.id} ${box.getAttribute("aria-labelledby")}`);
      box.querySelector("[role=textbox]")?.setAttribute("aria-labelledby", label.id);
    }
  });
});
