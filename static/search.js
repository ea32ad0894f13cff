// Searching while somebody types: products below the field, on every page, and keys to work with
// them. Everything here is a help: without it the field's form opens the page of results.
//
// Not hx-get with hx-sync "replace": htmx 4 beta tells an aborted request as an error, and then
// forgets the one that replaced it, so that an older answer may come last.

const PAUSE = 150; // after the last keystroke, before the shop is asked

const find = (id) => document.getElementById(id);
const options = () => [...find("suggestions").querySelectorAll("[role=option]")];
const chosen = () => find(find("q").getAttribute("aria-activedescendant"));
const isOpen = () => !find("suggestions").hidden;

let timer;
let asking;
let camefrom; // where somebody was when "/" brought them here

// --- What is offered ----------------------------------------------------------------------------

async function ask() {
  stop();
  const q = find("q").value.trim();
  if (!q) return close();
  const mine = (asking = new AbortController());
  const { category = "" } = find("shelves")?.dataset ?? {};
  const address = find("q").form.dataset.suggestions;
  try {
    const response = await fetch(`${address}?${new URLSearchParams({ q, category })}`, {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": location.href },
      cache: "no-store",
      signal: mine.signal,
    });
    if (response.redirected) return say("logged-out");
    if (!response.ok) throw new Error(response.status);
    const text = await response.text();
    if (!mine.signal.aborted) offer(text);
  } catch {
    // Old products would be for another text. Enter asks for a page, which says what is wrong.
    if (!mine.signal.aborted) close();
  }
}

function stop() {
  clearTimeout(timer);
  asking?.abort();
}

function offer(text) {
  const panel = find("suggestions");
  const answer = document.createElement("template");
  answer.innerHTML = text;
  // The form stays: it may be waiting for an answer, or hold one that the agent has to read.
  if (find("suggestion-adding")) {
    find("suggested").replaceWith(answer.content.getElementById("suggested"));
  } else {
    panel.replaceChildren(answer.content);
    htmx.process(panel);
  }
  open();
  find("suggestions-said").textContent = find("suggested").dataset.said;
}

function open() {
  const field = find("q");
  find("suggestions").hidden = false;
  choose(null);
  field.setAttribute("aria-expanded", String(options().length > 0));
}

function close() {
  stop();
  choose(null);
  find("suggestions").hidden = true;
  find("suggested")?.replaceChildren();
  for (const said of find("suggestions").querySelectorAll("#suggestion-adding > :not(input)")) said.remove();
  find("suggestions-said").textContent = "";
  find("q").setAttribute("aria-expanded", "false");
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (!option) return find("q").removeAttribute("aria-activedescendant");
  find("q").setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

// Past the last one is the text itself, then the first one again.
function step(by) {
  const all = [null, ...options()];
  choose(all.at((all.indexOf(chosen()) + by) % all.length));
}

function take(option, { opens }) {
  if (opens || !option.dataset.sku) return location.assign(option.dataset.href);
  const form = find("suggestion-adding");
  form.elements.sku.value = option.dataset.sku;
  renew(form);
  form.requestSubmit();
}

// --- Keys ---------------------------------------------------------------------------------------

const isTyping = (element) =>
  element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio], [type=range]), textarea, select");

function cameHere() {
  const { activeElement } = document;
  camefrom = { element: activeElement, y: scrollY };
  find("q").focus();
  find("q").select();
}

function goBack() {
  const { element, y } = camefrom;
  camefrom = null;
  if (element.isConnected && element !== document.body) element.focus({ preventScroll: true });
  else find("q").blur();
  scrollTo({ top: y, behavior: "instant" });
}

const keys = {
  ArrowDown: () => (isOpen() ? step(1) : ask()),
  ArrowUp: () => (isOpen() ? step(-1) : ask()),
  Enter(event) {
    const option = isOpen() && chosen();
    if (!option) return false;
    if (!event.repeat) take(option, { opens: event.ctrlKey || event.metaKey });
    return true;
  },
  Escape() {
    if (isOpen()) close();
    else if (camefrom) goBack();
    else return false;
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || !find("q")) return;
  if (event.target === find("q")) {
    if (keys[event.key] && keys[event.key](event) !== false) event.preventDefault();
  } else if (event.key === "Escape" && find("suggestions").contains(event.target)) {
    close();
    find("q").focus();
  } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
    event.preventDefault();
    cameHere();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.id !== "q") return;
  stop();
  if (event.target.value.trim()) timer = setTimeout(ask, PAUSE);
  else close();
});

// --- Pointers and focus -------------------------------------------------------------------------

// The field keeps the focus while somebody points at what it offers.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("#suggested")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest("#suggested [role=option]");
  if (!option) return;
  const adds = event.target.closest("[data-add]");
  if (adds) choose(option);
  else if (event.ctrlKey || event.metaKey) return window.open(option.dataset.href);
  take(option, { opens: !adds });
});

document.addEventListener("focusin", ({ target }) => {
  if (target.id === "q") {
    // Only now: without this script the field is no combobox.
    target.role = "combobox";
    target.setAttribute("aria-autocomplete", "list");
    target.setAttribute("aria-controls", "suggestions-list");
    target.setAttribute("aria-expanded", String(isOpen()));
  } else if (find("q") && isOpen() && !target.closest(".finder")) close();
});

document.addEventListener("click", ({ target }) => {
  if (find("q") && isOpen() && target.isConnected && !target.closest(".finder")) close();
});

// Why a product was not added is said below the products: there it must be seen.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.id === "suggestion-adding" && ctx.response?.status >= 400) {
    find("suggestions").hidden = false;
    find("suggestion-adding").scrollIntoView({ block: "nearest" });
    find("suggestion-adding").querySelector("[autofocus]")?.focus();
  }
});

// --- Field and results agree -------------------------------------------------------------

function agree() {
  const field = find("q");
  if (!field || !find("shelves")) return;
  const q = new URLSearchParams(location.search).get("q") ?? "";
  field.value = field.defaultValue = q;
}

document.addEventListener("htmx:after:history:update", agree);
// A page that comes back as it was left may hold a text that nobody has searched for.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted || !find("q")) return;
  close();
  find("q").value = find("q").defaultValue;
});
