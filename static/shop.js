// What the pages do beyond plain forms and htmx. Everything here is a help: without it all works.

const TOAST_TIME = 10_000;
const PAUSE = 500; // after the last step or keystroke in a quantity, before it is sent

// --- Quantities: step in the browser, send when the agent pauses -----------------------------

const pending = new Map();

function later(form) {
  clearTimeout(pending.get(form));
  pending.set(form, setTimeout(() => form.requestSubmit(form.querySelector(".set")), PAUSE));
}

// Another value is another intent, so it gets another command id.
function renew(form) {
  const id = form.elements.command_id;
  if (id && window.crypto?.randomUUID) id.value = crypto.randomUUID();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const form = button.form;
  const field = form.querySelector(".stepper input");
  const value = Number(field.value.trim());
  if (!Number.isInteger(value)) return;
  event.preventDefault();
  field.value = Math.max(1, value + Number(button.dataset.step));
  renew(form);
  if (form.matches("[data-eager]")) later(form);
});

document.addEventListener("input", (event) => event.target.form && renew(event.target.form));

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (form?.matches("[data-eager]")) later(form);
});

// What is sent of a line, such as its removal, goes before a quantity that was still to be sent.
document.addEventListener("submit", (event) => {
  const line = event.target.closest("tr");
  for (const [form, timer] of pending) {
    if (form !== event.target && !line?.contains(form)) continue;
    clearTimeout(timer);
    pending.delete(form);
  }
}, true);

// A quantity that is about to be sent would be undone by an answer that comes just before.
document.addEventListener("htmx:before:swap", (event) => {
  if ([...pending.keys()].some((form) => form.isConnected)) event.preventDefault();
});

// --- Messages: they go by themselves, and stay while someone reads them ----------------------

function age(toast) {
  if (toast.dataset.aging || toast.matches(".toast-error, .toast-stay")) return;
  toast.dataset.aging = "yes";
  const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 1000) : toast.remove());
  setTimeout(go, TOAST_TIME);
}

function say(name, text) {
  const toast = document.getElementById(`toast-${name}`).content.cloneNode(true);
  if (text) toast.querySelector("div > div").textContent = text;
  document.getElementById("toasts")?.replaceChildren(toast);
}

// On the whole page: going back in history replaces all that is in it.
const ageAll = () => document.querySelectorAll("#toasts > .toast").forEach(age);
new MutationObserver(ageAll).observe(document.body, { childList: true, subtree: true });
ageAll();

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());

// --- What can go wrong on the way -------------------------------------------------------------

document.addEventListener("htmx:error", () => say("offline"));

document.addEventListener("htmx:response:error", (event) => {
  const { response, text } = event.detail.ctx;
  const { status, headers } = response;
  // The shop says in a line of plain text what is wrong with it, when it still can.
  const plain = headers.get("Content-Type")?.startsWith("text/plain");
  if (status >= 500) say("failed", plain && text);
  else if (status !== 409 && status !== 422) say("stale");
});

// An answer from another place than was asked is a whole page, such as the login: go there.
document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (!raw.redirected) return;
  event.preventDefault();
  const page = new URL(raw.url);
  if (page.searchParams.has("next")) page.searchParams.set("next", location.pathname + location.search);
  location.href = page;
});

// --- Menus close when the agent turns to something else ----------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(".menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
