// How the simulator's page looks: a screen, a thread of texts, their cost, the desks' lines.
// Everything is set as text, never as markup. It keeps nothing of the phone.

export const WARN = 120;
export const OVER = 180; // seconds; networks end a USSD session at about here
const FACTS = ["encoding", "units", "page", "keys", "segments", "cost", "twice"];
let lines = ""; // what the desks' strip shows now

export const $ = (id) => document.getElementById(id);

function make(tag, words, kind) {
  const made = document.createElement(tag);
  made.textContent = words;
  if (kind) made.className = kind;
  return made;
}

export const busy = (count) => document.querySelector("main").setAttribute("aria-busy", String(count > 0));

export function notice(words, wrong = false) {
  $("notice").textContent = words;
  $("notice").classList.toggle("wrong", wrong);
}

// A text as the phone shows it: each line by itself, in the language's script and direction.
function words(answer) {
  const mode = $("direction").value;
  const box = make("div", "", `words ${mode}`);
  box.lang = answer.language;
  box.dir = mode === "language" && answer.rtl ? "rtl" : "ltr";
  answer.text.split("\n").forEach((row, at) => {
    if (at) box.append("\n"); // copied as it was sent
    box.append(make("span", row, "line"));
  });
  return box;
}

export function screen(answer) {
  $("screen").replaceChildren(words(answer));
  $("screen").scrollTop = 0;
}

export function blank(said) {
  $("screen").replaceChildren(make("p", said, "idle"));
}

export function bubble(said, kind) {
  const item = make("div", said, kind);
  item.dir = "auto";
  $("thread").append(item);
  item.scrollIntoView({ block: "nearest" });
}

export function received(answer) {
  const count = answer.segments === 1 ? "1 segment" : `${answer.segments} segments`;
  const item = make("div", "", "mt");
  const size = make("span", `${answer.encoding}, ${answer.units} units, ${count}`, "size");
  item.append(words(answer), size);
  $("thread").append(item);
  item.scrollIntoView({ block: "nearest" });
}

export function facts(answer, { count, sent, hide }) {
  const price = Number.parseFloat($("price").value);
  $("encoding").textContent = answer.encoding;
  $("units").textContent = `${answer.units} of ${answer.limit}`;
  $("meter").value = answer.units / answer.limit;
  $("page").textContent = answer.pages ? `${answer.page} of ${answer.pages}` : "1";
  $("keys").textContent = answer.ends ? "none: the session is over" : keys(answer.keys, hide);
  $("segments").textContent = `${count}, so far ${sent}`;
  const cost = `${amount(count * price)}, so far ${amount(sent * price)}`;
  $("cost").textContent = price >= 0 ? cost : "-";
  $("twice").textContent = "-";
}

const amount = (value) => value.toLocaleString("en", { maximumFractionDigits: 4 });

function keys(known, hide) {
  const inOrder = Object.entries(known).sort(([one], [other]) => (one === "0") - (other === "0"));
  const named = inOrder.map(([key, does]) => (does === "choice" ? key : `${key} ${does}`));
  return [...named, `${hide} hide`].join(", ");
}

export function noFacts() {
  for (const id of FACTS) $(id).textContent = "-";
  $("meter").value = 0;
}

export function desks(rows) {
  if (!rows) return notice("The record does not answer: no desk sees anything now.", true);
  $("nothing").hidden = rows.length > 0;
  const told = JSON.stringify(rows);
  if (lines !== told) $("lines").replaceChildren(...rows.map(deskLine)); // else not read aloud again
  lines = told;
  return undefined;
}

function deskLine(row) {
  const item = make("li", "", row.priority);
  item.append(
    make("h3", `${row.code}: ${row.state}, ${row.priority}`),
    make("p", `${row.name} (${row.desk})`),
    make("p", row.due ? `Due ${row.due}` : "Not due", row.overdue ? "late-line" : ""),
    make("p", row.window ? `Safe time ${row.window}` : "No safe time: must not be rung"),
    make("p", row.lease ? `With ${row.lease}` : "Nobody has it yet"),
  );
  if (row.woman) item.append(make("p", "A woman must call"));
  if (row.attempts) item.append(make("p", `Attempts: ${row.attempts}`));
  return item;
}

export function clock(seconds) {
  const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const over = seconds >= OVER;
  $("clock").textContent = over ? `${shown} expired` : shown;
  $("clock").className = over ? "over" : seconds >= WARN ? "late" : "";
}
