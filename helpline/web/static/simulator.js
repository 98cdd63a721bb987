// The phone simulator: what a phone keeps (its session and inputs) and says to the helpline.
import * as view from "./simulator_view.js";

const { $ } = view;
const LOOK = 5000; // milliseconds between two looks at the desks
const UNUSED = { session: "", inputs: [], state: "idle", began: 0, ended: 0, warned: false, sent: 0 };
const setup = JSON.parse(document.body.dataset.setup);

let phone = { ...UNUSED }; // state: idle, open or over; sent: segments or screens that cost money
let last = null; // the last request, to be delivered again, and its answers
let work = Promise.resolve(); // one request after the other, in the order of the keys
let waiting = 0; // how many of them are not done

function random(letters, count) {
  const drawn = crypto.getRandomValues(new Uint32Array(count));
  return [...drawn].map((number) => letters[number % letters.length]).join("");
}

const newId = () => random("0123456789abcdef", 24);
const programme = () => setup.programmes.find((known) => known.code === $("programme").value);
const bySms = () => $("channel").value === "sms";
const hideKey = () => setup.hide[$("channel").value];
const who = () => ({ programme: phone.programme, phone: phone.digits });

function queue(next) {
  view.busy((waiting += 1));
  work = work
    .then(next)
    .catch((broken) => view.notice(`The page failed: ${broken.message}`, true))
    .finally(() => view.busy((waiting -= 1)));
}

async function ask(path, body) {
  let told;
  try {
    const answer = await fetch(`/simulator/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    told = await answer.json();
  } catch {
    told = { error: "The helpline does not answer. Is it still running?" };
  }
  if (told.error) {
    view.notice(told.error, true);
    return null;
  }
  view.desks(told.desk);
  return told;
}

async function turn(path, body) {
  const told = await ask(path, body);
  if (told) last = { path, body, answers: told.answers };
  return told;
}

function facts() {
  const answer = last && last.answers.at(-1);
  if (!answer) return;
  const count = bySms() ? answer.segments : 1;
  view.facts(answer, { count, sent: phone.sent, hide: hideKey() });
}

// By USSD

async function dial() {
  if (phone.state === "open") await drop();
  const begun = { state: "open", session: newId(), began: Date.now() };
  phone = { ...phone, ...UNUSED, ...begun, inputs: [] };
  view.notice("");
  await sendInputs();
}

// The whole history each time: the same request is then the same turn.
async function sendInputs() {
  const text = phone.inputs.join("*");
  const body = { ...who(), session: phone.session, text, language: $("language").value };
  const told = await turn("ussd", body);
  if (told) {
    const [answer] = told.answers;
    phone.sent += 1;
    view.screen(answer);
    facts();
    if (answer.ends) end("The session is over.");
  }
  ready();
}

function end(words) {
  Object.assign(phone, { state: "over", ended: Date.now() });
  view.notice(words);
}

async function drop() {
  if (!(await ask("drop", { ...who(), session: phone.session }))) return;
  end("The session was dropped.");
  view.blank("Connection lost.");
  ready();
}

// By SMS

async function text(words) {
  view.notice("");
  view.bubble(words, "mo");
  const told = await turn("sms", { ...who(), session: newId(), text: words });
  if (!told) return;
  told.answers.forEach(received);
  if (!told.answers.length) view.bubble("No answer was sent.", "note");
  const key = told.answers.map(languageKey).find(Boolean);
  if (key) await text(key);
}

function received(answer) {
  phone.state = answer.ends ? "over" : "open";
  phone.sent += answer.segments;
  view.received(answer);
  facts();
}

// A phone whose language was chosen on this page answers the first question by itself.
function languageKey(answer) {
  const chosen = programme().languages.find((known) => known.code === $("language").value);
  if (!chosen || answer.language) return "";
  const found = answer.text.split("\n").find((row) => row.endsWith(` ${chosen.label}`));
  return found ? found.match(/^[0-9]*/)[0] : "";
}

// By both

async function submit() {
  const typed = $("text").value;
  $("text").value = "";
  if (bySms()) {
    if (typed) await text(typed);
    ready();
  } else if (phone.state === "open") {
    phone.inputs.push(typed);
    view.notice("");
    await sendInputs();
  }
}

async function again() {
  const told = await ask(last.path, last.body);
  if (!told) return;
  const texts = (answers) => JSON.stringify(answers.map((answer) => answer.text));
  let said = texts(told.answers) === texts(last.answers) ? "the same bytes" : "DIFFERENT bytes";
  if (last.path === "sms") {
    told.answers.forEach(received);
    said = told.answers.length ? "answered a second time" : "taken once, no second answer";
  } else if (said !== "the same bytes") {
    view.screen(told.answers[0]);
  }
  $("twice").textContent = said;
  view.notice(`The same request was delivered again: ${said}.`);
}

function clock() {
  const until = phone.state === "open" ? Date.now() : phone.ended;
  const seconds = phone.began ? Math.floor((until - phone.began) / 1000) : 0;
  view.clock(seconds);
  if (phone.state === "open" && seconds >= view.OVER && !phone.warned && !bySms()) {
    phone.warned = true;
    const said = "seconds: a network would have ended this session. Drop it to see what is kept.";
    view.notice(`${view.OVER} ${said}`);
  }
}

function refresh() {
  const sms = bySms();
  $("screen").hidden = sms;
  $("thread").hidden = !sms;
  $("clock").hidden = $("dial").hidden = $("drop").hidden = sms;
  $("number").textContent = `${programme().prefix}${phone.digits}`;
  $("facts-title").textContent = sms ? "This text" : "This screen";
  $("text-label").textContent = sms ? "Your text" : "Your answer";
  $("segments-name").textContent = sms ? "Segments" : "Screens";
  $("price-name").textContent = sms ? "Price of one segment" : "Price of one screen";
  $("hide").textContent = `Hide key ${hideKey()}`;
  $("dial").textContent = phone.state === "idle" ? "Dial" : "Dial again";
  const off = !sms && phone.state !== "open";
  for (const used of ["text", "send", "drop"]) $(used).disabled = off;
  for (const key of $("keypad").children) key.disabled = off;
  $("hide").disabled = phone.state !== "open";
  $("again").disabled = !last;
  clock();
}

// After a turn the keyboard is where the next input goes.
function ready() {
  refresh();
  (bySms() || phone.state === "open" ? $("text") : $("dial")).focus();
}

// Another channel or language: the same phone, nothing under way.
async function idle() {
  if (phone.state === "open" && phone.session) await drop();
  phone = { ...phone, ...UNUSED, inputs: [] };
  last = null;
  view.notice("");
  view.blank("Not dialled.");
  $("thread").replaceChildren();
  view.noFacts();
  refresh();
}

// A phone that was never used: the desks know nothing of it.
async function another() {
  await idle();
  phone = { ...phone, programme: programme().code, digits: random("123456789", 6) };
  view.desks([]);
  refresh();
}

function languages() {
  const options = programme().languages.map((known) => {
    const option = new Option(known.label, known.code);
    option.lang = known.tag;
    return option;
  });
  $("language").replaceChildren(new Option("the phone asks", ""), ...options);
}

function keypad() {
  for (const key of "123456789*0#") {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: key });
    button.addEventListener("click", () => {
      $("text").value += key;
      $("text").focus();
    });
    $("keypad").append(button);
  }
}

function listen() {
  const on = (id, kind, next) => $(id).addEventListener(kind, () => queue(next));
  on("programme", "change", () => (languages(), another()));
  on("channel", "change", idle);
  on("language", "change", idle);
  on("fresh", "click", another);
  on("entry", "submit", submit);
  on("dial", "click", dial);
  on("drop", "click", drop);
  on("again", "click", again);
  on("hide", "click", () => (($("text").value = hideKey()), submit()));
  $("direction").addEventListener("change", () => last && !bySms() && view.screen(last.answers[0]));
  $("price").addEventListener("input", facts);
  for (const form of document.forms) form.addEventListener("submit", (sent) => sent.preventDefault());
  setInterval(clock, 250);
  setInterval(look, LOOK);
}

function look() {
  if (document.visibilityState === "visible" && $("lines").children.length) queue(() => ask("desk", who()));
}

$("programme").append(...setup.programmes.map((known) => new Option(known.name, known.code)));
languages();
keypad();
listen();
queue(another);
