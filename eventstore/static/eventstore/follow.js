// Brings what is shown of running jobs up to date, for as long as something runs. Without this the
// page reloads itself, or is reloaded.

const EVERY = 2_000;
const LONGEST = 15_000; // between two tries while the server is away

for (const place of document.querySelectorAll("[data-follow]")) follow(place);

function follow(place) {
  const said = document.querySelector("[data-follow-said]");
  const lost = document.querySelector("[data-follow-lost]");
  const out = document.querySelector("[data-follow-out]");
  let pause = EVERY;

  const shown = () => place.firstElementChild;
  const later = () => setTimeout(look, pause);

  async function look() {
    if (document.hidden) {
      document.addEventListener("visibilitychange", look, { once: true });
      return;
    }
    let answer;
    let text;
    try {
      answer = await fetch(place.dataset.follow, { redirect: "manual", cache: "no-store" });
      text = await answer.text();
    } catch {
      answer = null;
    }
    // Who was logged out is sent to log in, and who lost the permission is refused.
    if (answer?.type === "opaqueredirect" || [401, 403, 404].includes(answer?.status)) {
      lost.hidden = true;
      out.hidden = false;
      return;
    }
    if (!answer?.ok) {
      lost.hidden = false;
      pause = Math.min(LONGEST, pause * 1.5);
      later();
      return;
    }
    lost.hidden = true;
    pause = EVERY;
    show(text);
    if (shown()?.dataset.running === "yes") later();
  }

  function show(text) {
    const before = shown()?.dataset.said;
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    const fresh = document.createElement("template");
    fresh.innerHTML = text;
    place.replaceChildren(fresh.content);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    const now = shown()?.dataset.said;
    if (now !== before) said.textContent = now;
  }

  if (shown()?.dataset.running === "yes") later();
}
