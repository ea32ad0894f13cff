// Sliding through a stream's versions without loading the whole page anew. Without this file the
// same forms and links do the same, a page at a time.
"use strict";
(() => {
  const range = document.getElementById("version-range");
  const number = document.getElementById("version-number");
  const trouble = document.getElementById("version-trouble");
  if (!range) return;
  let underway = null;
  let pause = 0;

  const show = async (version) => {
    underway?.abort();
    const mine = (underway = new AbortController());
    const url = new URL(location.href);
    url.searchParams.set("at", version);
    url.hash = "";
    const part = new URL(url);
    part.searchParams.set("part", "state");
    try {
      const answer = await fetch(part, { signal: mine.signal, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("state-shown");
      if (!fresh) throw new Error("no state");
      const old = document.getElementById("state-shown");
      const focused = old.contains(document.activeElement);
      old.replaceWith(fresh);
      // A link that was followed is gone with the old state; the slider is next to it.
      if (focused) range.focus({ preventScroll: true });
      history.replaceState(null, "", url);
      trouble.textContent = "";
    } catch (error) {
      if (error.name === "AbortError") return;
      trouble.textContent = trouble.dataset.trouble.replace("VERSION", version);
    }
  };

  range.addEventListener("input", () => {
    number.value = range.value;
    range.setAttribute("aria-valuetext", range.dataset.words.replace("VERSION", range.value));
    clearTimeout(pause);
    pause = setTimeout(show, 60, range.value);
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-at]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    range.value = number.value = link.dataset.at;
    clearTimeout(pause);
    show(link.dataset.at);
    if (!document.getElementById("state").contains(link)) {
      range.focus({ preventScroll: true });
      document.getElementById("state").scrollIntoView({ block: "start" });
    }
  });
})();
