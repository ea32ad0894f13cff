// What the pages do beyond plain forms and htmx. Everything here is a help: without it all works.

const TOAST_TIME = 10_000;
const PLAIN = /^\d{1,4}$/; // a quantity
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
  const field = button.closest(".stepper").querySelector("input");
  event.preventDefault();
  // What is no plain number, such as 1.000, is left to the shop.
  if (!PLAIN.test(field.value.trim())) return;
  field.value = Math.max(1, Number(field.value) + Number(button.dataset.step));
  renew(form);
  if (button.closest("[data-eager]")) later(form);
  foresee(form);
});

document.addEventListener("input", (event) => event.target.form && renew(event.target.form));

document.addEventListener("change", (event) => {
  if (!event.target.closest("[data-eager]")) return;
  later(event.target.form);
  foresee(event.target.form);
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

// --- What a line and its order will come to, shown before the shop has answered ----------------

const foreseen = new Map(); // row -> the quantity that is not saved yet
const saved = new Map(); // element -> the text that the shop gave it

const cents = (amount) => Math.round(Number(amount) * 100);

function foresee(form) {
  const row = form.matches("[data-eager]") && form.closest("tr[data-price]");
  if (!row) return;
  const typed = form.querySelector(".stepper input").value.trim();
  if (PLAIN.test(typed) && Number(typed) && typed !== row.dataset.quantity) foreseen.set(row, Number(typed));
  else foreseen.delete(row);
  showForeseen();
}

function showForeseen() {
  for (const [element, text] of saved) element.textContent = text;
  saved.clear();
  for (const row of document.querySelectorAll("[data-unsaved]")) delete row.dataset.unsaved;
  const cart = document.getElementById("cart");
  if (!cart || !foreseen.size) return;
  const { total, currency, order } = cart.dataset;
  const money = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency });
  const say = (element, amount) => {
    if (!element) return;
    saved.set(element, element.textContent);
    element.textContent = money.format(amount / 100);
  };
  let sum = cents(total);
  for (const [row, quantity] of foreseen) {
    const price = cents(row.dataset.price);
    sum += (quantity - Number(row.dataset.quantity)) * price;
    row.dataset.unsaved = cart.dataset.unsaved = "";
    say(row.querySelector(".cell-sum strong"), quantity * price);
  }
  say(cart.querySelector(".sum strong"), sum);
  say(document.querySelector(`#current-order[data-order="${order}"] .basket-total`), sum);
}

// What was foreseen and did not come about is taken back where it can be seen.
function takeBack(rows) {
  for (const row of rows) {
    foreseen.delete(row);
    row.classList.remove("taken-back");
    row.getBoundingClientRect(); // so that the animation begins anew
    row.classList.add("taken-back");
  }
  showForeseen();
}

document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "taken-back") target.closest("tr")?.classList.remove("taken-back");
});

document.addEventListener("htmx:before:swap", (event) => {
  if (event.defaultPrevented) return;
  // The texts of the shop, so that what is swapped in is compared with those.
  for (const [element, text] of saved) element.textContent = text;
});

document.addEventListener("htmx:after:swap", () => {
  saved.clear();
  const refused = [];
  for (const [row, quantity] of foreseen) {
    const field = row.querySelector(".stepper input");
    const waits = field?.value === String(quantity) && !field.matches("[aria-invalid]");
    if (!row.isConnected || row.dataset.quantity === String(quantity)) foreseen.delete(row);
    else if (!waits) refused.push(row);
  }
  takeBack(refused);
});

// --- The focus goes on from where it was, when what had it is gone -----------------------------

let focused = null;

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const element = document.activeElement;
  const row = element.closest("tr, li");
  const rows = [row?.nextElementSibling, row?.previousElementSibling];
  // A part may name what its focus comes back to.
  const { focus: back = element.id } = element.closest("[data-focus]")?.dataset ?? {};
  focused = element === document.body ? null : { back, rows, part: ctx.target?.id };
});

document.addEventListener("htmx:after:swap", () => {
  const was = focused;
  focused = null;
  if (!was || document.activeElement !== document.body) return;
  const place = document.getElementById(was.back) ?? was.rows.find((row) => row?.isConnected);
  goOnFrom(place, was.part);
});

function goOnFrom(place, part) {
  const title = document.getElementById(part)?.querySelector("h1, h2") ?? document.getElementById("main");
  const within = place?.querySelector(".cell-remove button") ?? place?.querySelector("a, button, input");
  if (!place) title.tabIndex = -1;
  (within ?? place ?? title).focus({ preventScroll: true });
}

// --- Messages: they go by themselves, and stay while someone reads them ----------------------

function age(toast) {
  if (toast.dataset.aging || toast.matches(".toast-error, .toast-stay")) return;
  toast.dataset.aging = "yes";
  const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 1000) : spend(toast));
  setTimeout(go, TOAST_TIME);
}

// It keeps its place until the others are gone too, so that they do not fall.
function spend(toast) {
  toast.classList.add("toast-spent");
  const all = [...document.querySelectorAll("#toasts > .toast")];
  if (all.every((one) => one.matches(".toast-spent"))) for (const one of all) one.remove();
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

document.addEventListener("click", (event) => {
  const toast = event.target.closest("[data-dismiss]")?.closest(".toast");
  if (!toast) return;
  const other = toast.nextElementSibling ?? toast.previousElementSibling;
  toast.remove();
  goOnFrom(other?.querySelector("[data-dismiss]"), "main");
});

// --- What can go wrong on the way -------------------------------------------------------------

document.addEventListener("htmx:error", () => {
  say("offline");
  takeBack([...foreseen.keys()]);
});

document.addEventListener("htmx:response:error", (event) => {
  takeBack([...foreseen.keys()]);
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
