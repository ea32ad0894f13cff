// Parts of a page that are brought up to date in place, when live.js has heard of a change or an
// answer has come, without disturbing what an agent is typing or pointing at.

const WAIT = 10_000; // for an answer
const SPACING = 200; // between two refreshes of one part

// --- What agents are typing: never overwritten ------------------------------------------------

// A form that somebody types in stays as it is, with the version that they saw in it: if they send
// it, the shop knows what they did not see and asks.
const typing = (field) => field === document.activeElement || field.value !== field.defaultValue;
const fieldsOf = (place) => [...place.querySelectorAll("input:not([type=hidden]), textarea")];
const heldIn = (place) => fieldsOf(place).filter(typing);

let swapping = {}; // what is being swapped in: htmx's ctx
const kept = new Set(); // the forms that it leaves as they are
const sent = new WeakMap(); // field -> what was sent of it

htmx.registerExtension("live", {
  htmx_before_morph_node(node, { oldNode, newNode }) {
    if (oldNode.nodeName !== "FORM" || !oldNode.closest("#cart")) return true;
    const typed = oldNode === swapping.sourceElement ? typedSince(oldNode) : heldIn(oldNode).length;
    if (!typed) return true;
    kept.add(oldNode);
    cart.stale = true;
    showUnderneath(oldNode, newNode);
    return false;
  },
  // What somebody has opened or closed stays so.
  htmx_before_morph_attr: (node, { attrName, newValue }) =>
    attrName !== "open" || !(swapping.live || (newValue === null && node.closest("#cart"))),
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  if (form.nodeName === "FORM") for (const field of fieldsOf(form)) sent.set(field, field.value);
});

const typedSince = (form) => fieldsOf(form).some((field) => field.value !== sent.get(field));

// A field that was typed in, and is not any more, shows what the page has for it: htmx leaves its
// value alone where that is nothing.
function settleFields() {
  for (const form of document.querySelectorAll("#cart form")) {
    if (kept.has(form)) continue;
    for (const field of fieldsOf(form)) {
      if (field.value !== field.defaultValue) field.value = field.defaultValue;
    }
  }
  kept.clear();
}

function showUnderneath(form, now) {
  for (const field of fieldsOf(form)) {
    const value = now.querySelector(`#${CSS.escape(field.id)}`)?.defaultValue ?? field.defaultValue;
    const beside = field.closest(".stepper") ?? field;
    form.querySelector(`[data-under="${CSS.escape(field.id)}"]`)?.remove();
    if (value === field.defaultValue) continue;
    const hint = document.getElementById("underneath").content.firstElementChild.cloneNode(true);
    hint.dataset.under = field.id;
    hint.querySelector("b").textContent = value || "—";
    beside.after(hint);
  }
}

// What would take a field away from under its agent's hands is put off until they are done with it.
function putOff({ target, sourceElement }, tasks, main, version) {
  const own = sourceElement.closest("tr") ?? sourceElement; // who removes a line knows that it goes
  const others = heldIn(target).filter((field) => own === target || !own.contains(field));
  if (others.every((field) => main.fragment.getElementById(field.id))) return;
  tasks.splice(tasks.indexOf(main), 1);
  cart.stale = true;
  cart.putOff = version;
  for (const { fragment } of tasks) {
    for (const toast of fragment.querySelectorAll(".toast")) toast.classList.add("toast-stay");
  }
}

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Escape" || !field.matches?.("#cart input, #cart textarea")) return;
  field.value = field.defaultValue;
  field.blur();
});

// --- The parts of a page, and when they are behind ----------------------------------------------

class Part {
  // `own`: it shows certain orders only, and others do not matter to it.
  constructor(id, { own, url }) {
    Object.assign(this, { id, own, url });
    this.asked = new Map(); // as `newest` was when it was last brought up to date
    this.tries = this.putOff = this.notBefore = 0;
    this.must = this.stale = this.asking = false;
  }

  get element() {
    return document.getElementById(this.id);
  }

  versions(element) {
    const rows = [element, ...element.querySelectorAll("[data-order]")];
    return new Map(rows.map((row) => [row.dataset.order, Number(row.dataset.version)]));
  }

  isBehind(element) {
    if (this.must || (this.stale && !heldIn(element).length)) return true;
    const has = this.versions(element);
    return [...newest].some(
      ([order, version]) =>
        version > Math.max(has.get(order) ?? 0, this.asked.get(order) ?? 0, this.putOff) &&
        (has.has(order) || !this.own),
    );
  }

  check() {
    const { element } = this;
    clearTimeout(this.timer);
    if (!element || this.asking || document.hidden || stream.over || isBusy()) return;
    if (!this.isBehind(element)) return;
    const wait = this.notBefore - Date.now();
    if (wait > 0) this.timer = setTimeout(settle, wait);
    else this.refresh(element);
  }

  async refresh(element) {
    const heard = new Map(newest);
    const before = element.dataset.version;
    this.asking = true;
    try {
      const response = await fetch(this.url(element), {
        headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href },
        cache: "no-store",
        signal: AbortSignal.timeout(WAIT),
      });
      // To the login: the stream will say so.
      if (response.redirected || !response.ok) throw new Error(response.status);
      const text = await response.text();
      // What the agent did meanwhile is newer than this answer.
      if (!element.isConnected || isBusy() || element.dataset.version !== before) return;
      this.must = this.stale = false;
      this.putOff = 0;
      await htmx.swap({ sourceElement: element, target: element, swap: "outerMorph", text, live: this });
      this.asked = heard;
      if (this === cart) header.asked = heard; // it came along
      this.tries = 0;
    } catch {
      this.tries += 1;
    } finally {
      this.asking = false;
      this.notBefore = Date.now() + (this.tries ? pause(this.tries) : SPACING);
      settle();
    }
  }
}

const told = new Map(); // order -> up to which version its news have been told
const cart = new Part("cart", {
  own: true,
  url({ dataset: { order, version, page } }) {
    const since = Math.max(Number(version), told.get(order) ?? 0);
    return `${page}?since=${since}`;
  },
});
const deeds = new Part("deeds", {
  own: true,
  url: () => `${location.pathname}?${new URLSearchParams([...new URLSearchParams(location.search), ["deeds", ""]])}`,
});
const header = new Part("current-order", { url: () => document.body.dataset.header });
const list = new Part("orders-list", { url: () => location.pathname + location.search });
const parts = [cart, deeds, list, header];

function isBusy() {
  return pending.size > 0 || document.querySelector(".htmx-request") !== null;
}

function settle() {
  // The cart brings the header along.
  for (const part of parts) if (part !== header || !cart.asking) part.check();
}

// --- Around each swap ---------------------------------------------------------------------------

let before = new Map();

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  swapping = ctx;
  kept.clear();
  keepNews(tasks);
  keepQuestion(ctx, tasks);
  if (ctx.live) before = new Map(rowsIn(ctx.target));
  const main = tasks.find((task) => task.type === "main");
  const now = main?.fragment.getElementById("cart");
  if (!now) return;
  told.set(now.dataset.order, Number(now.dataset.version));
  // Who has closed the order knows that its forms are gone.
  const closedByMe = ctx.response?.status === 200 && !("open" in now.dataset);
  if (!closedByMe) putOff(ctx, tasks, main, Number(now.dataset.version));
  ctx.settles = tasks.includes(main);
  if (ctx.live && ctx.settles) keepPlaces(ctx.target, main.fragment);
});

// A line that a colleague removed keeps its place, crossed out, until the agent does something: no
// other line slides under a finger that is about to press.
function keepPlaces(cart, fragment) {
  const lines = fragment.querySelector(".lines tbody");
  if (!lines) return;
  let after = null;
  for (const row of cart.querySelectorAll(".lines tbody > tr")) {
    const wasGone = row.matches(".gone");
    const now = fragment.getElementById(row.id);
    if (wasGone || !now) {
      const gone = wasGone ? row.cloneNode(true) : crossedOut(row);
      if (after) after.after(gone);
      else lines.prepend(gone);
      after = gone;
    } else if (lines.contains(now)) after = now;
  }
}

function crossedOut(row) {
  const gone = row.cloneNode(true);
  gone.className = "gone";
  gone.id = row.id.replace("line-", "gone-"); // the line may come back, at the end
  gone.removeAttribute("data-version");
  const said = document.getElementById("line-gone").content.cloneNode(true);
  gone.querySelector(".cell-quantity").replaceChildren(said);
  gone.querySelector(".cell-remove")?.replaceChildren();
  return gone;
}

document.addEventListener("click", () => {
  for (const row of document.querySelectorAll(".lines .gone")) row.remove();
});

// What colleagues did stays to be read, whatever is said beside it.
function keepNews(tasks) {
  const task = tasks.find(({ target, swapSpec }) => target?.id === "toasts" && swapSpec?.style === "innerHTML");
  task?.fragment.prepend(...task.target.querySelectorAll(".toast-quiet"));
}

// So does a question whose answer is being typed, unless there is another one.
function keepQuestion({ sourceElement }, tasks) {
  const task = tasks.find(({ target }) => target?.id === "asked");
  if (!task || task.fragment.textContent.trim()) return;
  const typed = heldIn(task.target).some((field) => field.form !== sourceElement);
  if (typed) tasks.splice(tasks.indexOf(task), 1);
}

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  swapping = {};
  if (ctx.settles) settleFields();
  markPlaces();
  const now = ctx.live?.element;
  if (!now) return;
  if (ctx.live === deeds) reachTo(now.dataset.version);
  for (const [key, version, row] of rowsIn(now)) {
    if (before.get(key) !== version) highlight(row);
  }
});

// The history's slider goes as far as its list, and stays where the agent has it.
function reachTo(version) {
  document.getElementById("at").max = version;
  document.getElementById("newest").textContent = version;
}

function rowsIn(element) {
  const rows = [...element.querySelectorAll("[data-version]")];
  return rows.map((row) => [row.id || row.dataset.order, row.dataset.version, row]);
}

function highlight(row) {
  row.classList.remove("fresh");
  row.getBoundingClientRect(); // so that the animation begins anew
  row.classList.add("fresh");
}

document.addEventListener("animationend", ({ target, animationName }) => {
  if (animationName === "fresh") target.classList.remove("fresh");
});

for (const name of ["htmx:finally:request", "focusout"]) {
  document.addEventListener(name, () => setTimeout(settle));
}
