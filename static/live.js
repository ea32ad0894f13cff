// Open pages hear that an order has changed, and ask for their own part of it again, with the usual
// checks. Everything here is a help: without it a colleague's change shows with the next answer.

const SILENCE = 12_000; // the shop says something every 4 s; after this the stream is dead
const SIGN = 4_000; // between two signs of life to the shop
// A page that nobody looks at lets go of its stream: a browser opens six connections at the most.
const LONG_HIDDEN = 5_000;
const LONGEST_PAUSE = 8_000; // between two tries
const SHOW_BREAK_AFTER = 3_000;

const newest = new Map(); // order -> the newest version that we heard of
const pause = (tries) => Math.min(LONGEST_PAUSE, 500 * 2 ** tries) * (0.5 + Math.random() / 2);

// --- The stream -------------------------------------------------------------------------------

const stream = { id: null, stop: null, since: null, tries: 0, over: false };

async function listen() {
  const { live, since } = document.body.dataset;
  if (!live || stream.stop || stream.over || document.hidden) return;
  const stop = (stream.stop = new AbortController());
  let status = 0;
  try {
    const url = `${live}?since=${stream.since ?? since}`;
    const response = await fetch(url, { signal: stop.signal, cache: "no-store" });
    status = response.status;
    if (response.ok) await read(response.body, stop);
  } catch {
    // Cut, here or on the way; what follows is the same.
  }
  stream.stop = stream.id = null;
  shown("off");
  if (status === 401) end("logged-out");
  else if (status === 404) end("stale");
  else if (status === 501) end();
  else if (!stream.over) setTimeout(listen, pause(stream.tries++));
}

function end(why) {
  stream.over = true;
  stream.stop?.abort();
  if (why) say(why);
}

async function read(body, stop) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let watch;
  const heard = () => {
    clearTimeout(watch);
    watch = setTimeout(() => stop.abort(), SILENCE);
  };
  try {
    for (;;) {
      heard();
      const { done, value } = await reader.read();
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop();
      for (const event of events) take(event);
    }
  } finally {
    clearTimeout(watch);
  }
}

function take(event) {
  const fields = Object.fromEntries(event.split("\n").map((line) => line.split(/: (.*)/s)));
  const data = JSON.parse(fields.data);
  stream.since = fields.id;
  if (data.position) mustSee(data.position);
  if (fields.event === "open") {
    // Somebody else has logged in here since: what this page shows is not theirs.
    if (String(data.agent) !== document.body.dataset.agent) return end("stale");
    stream.id = data.stream;
    stream.tries = 0;
    shown("on");
    sign();
  } else if (fields.event === "version") {
    newest.set(data.order, Math.max(data.version, newest.get(data.order) ?? 0));
    settle();
  } else if (fields.event === "look-again") {
    for (const part of parts) part.must = true;
    settle();
  } else if (fields.event === "presence") {
    showPresence(data);
  }
}

// Where pages are asked of a standby of the database, they have to show what this one was told of:
// shop/standby/position.py reads it, and sets it too.
function mustSee(position) {
  const [, known] = document.cookie.match(/(?:^|; )read_position=(\d+)/) ?? [];
  if (Number(known ?? 0) >= position) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `read_position=${position}; path=/; samesite=lax${secure}`;
}

let breakShown;

function shown(state) {
  document.documentElement.dataset.stream = state;
  clearTimeout(breakShown);
  const line = document.getElementById("connection");
  if (!line) return;
  if (state === "on") line.hidden = true;
  else if (!stream.over) {
    breakShown = setTimeout(() => (line.hidden = document.hidden || stream.over), SHOW_BREAK_AFTER);
  }
}

let letGo;

document.addEventListener("visibilitychange", () => {
  clearTimeout(letGo);
  if (document.hidden) {
    letGo = setTimeout(() => stream.stop?.abort(), LONG_HIDDEN);
  } else {
    listen();
    sign();
    settle();
  }
});

addEventListener("pagehide", () => stream.stop?.abort());
addEventListener("pageshow", (event) => event.persisted && listen());

// --- Who else is here, and where --------------------------------------------------------------

let colleagues = [];
let place = "";

function showPresence(here) {
  colleagues = here;
  const one = document.getElementById("one-here").content.firstElementChild;
  document.getElementById("presence")?.replaceChildren(
    ...here.map(({ name, initials }) => {
      const item = one.cloneNode(true);
      item.querySelector(".initials").textContent = initials;
      item.querySelector(".name").textContent = name;
      return item;
    }),
  );
  markPlaces();
}

function markPlaces() {
  for (const element of document.querySelectorAll("[data-editing]")) delete element.dataset.editing;
  for (const { name, places } of colleagues) {
    for (const at of places) {
      const element = document.querySelector(`[data-place="${CSS.escape(at)}"]`);
      if (element) element.dataset.editing = [element.dataset.editing, name].filter(Boolean).join(", ");
    }
  }
}

function sign() {
  if (!stream.id || document.hidden || !document.getElementById("presence")) return;
  const field = document.activeElement?.closest("input, textarea, .stepper button");
  place = field?.closest("[data-place]")?.dataset.place ?? "";
  const url = `${document.body.dataset.sign}${stream.id}/`;
  fetch(url, { method: "POST", body: `place=${place}`, keepalive: true }).catch(() => {});
}

let moved;

for (const name of ["focusin", "focusout"]) {
  document.addEventListener(name, () => {
    clearTimeout(moved);
    moved = setTimeout(sign, 150);
  });
}

setInterval(sign, SIGN);
listen();
