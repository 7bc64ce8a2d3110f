// An interview from its first screen to its last: arriving, answering, moving on, finishing.
import { Draft, holdDraft } from "./draft.js";
import { seal } from "./outbox.js";
import { Pace } from "./pace.js";
import { codesOf, findRoute } from "./route.js";
import * as screens from "./screens.js";
import { keepSending } from "./send.js";
import { countWaiting, readRecord, readSetting } from "./store.js";
import { fillSummary } from "./summary.js";
import { count, definition, say } from "./words.js";

const { CONSENT, END, LANGUAGE, STOP, SUMMARY } = screens;
const { items, languages } = definition;
const form = document.getElementById("interview");
const failure = document.getElementById("failure");
const pace = new Pace();

let draft = null;
let current = null;
let typing;

const routeOf = () => findRoute(items, codesOf(draft.state.answers));
const isOutdated = () => draft.state.version !== definition.version;
const isUnanswered = (id) => screens.itemOf.get(id).type === "closed" && !(id in draft.state.answers);
const hashOf = (screen) => `#${draft.state.uuid}/${screen}`;

// One thing after another: a second tap while the first is being written is not a second answer.
let busy = false;
let turn = Promise.resolve();
function inTurn(work) {
  busy = true;
  turn = turn
    .then(work)
    .catch(report)
    .finally(() => (busy = false));
}
const unlessBusy = (work) => busy || inTurn(work);

function report(error) {
  console.error(error);
  if (!draft) screens.show(".panne");
  else if (!failure.open) failure.showModal();
}

// Arriving

/** Show what the address names: an interview and one of its screens, or the choice of a language. */
async function arrive() {
  await leave();
  const [uuid, screen] = location.hash.slice(1).split("/");
  if (!uuid) return welcome();
  if (draft?.state.uuid !== uuid) {
    draft = null;
    const found = await Draft.open(uuid);
    if (!found) return screens.show(".inconnu");
    if (!found.state.finished && !(await holdDraft(uuid))) return screens.show(".ailleurs");
    draft = found;
  }
  if (draft.state.language in languages && draft.state.language !== definition.language) {
    return openIn(draft.state.language, location.hash);
  }
  // Its language is no longer offered: what is shown is what is noted.
  if (draft.state.language !== definition.language) await draft.switchLanguage(definition.language);
  display(allowedScreen(screen));
}

async function welcome() {
  draft = null;
  screens.show((await readSetting("interviewer")) ? LANGUAGE : ".tablette");
  await showState();
}

function allowedScreen(wanted) {
  const { state } = draft;
  if (state.finished) return END;
  if (isOutdated() || wanted === STOP) return STOP;
  if (!state.agreed_at) return CONSENT;
  const route = routeOf();
  if (wanted === CONSENT || wanted === SUMMARY || route.includes(wanted)) return wanted;
  return route.includes(state.screen) ? state.screen : (route.find(isUnanswered) ?? SUMMARY);
}

function openIn(language, hash) {
  sessionStorage.setItem("from", history.state?.from ?? "");
  location.replace(languages[language].address + hash);
}

/** Show a screen of the draft and remember it, to come back to the same place. */
function display(screen) {
  const route = routeOf();
  if (screens.itemOf.has(screen)) {
    screens.fill(screen, draft.state.answers[screen]);
    screens.markReady(!isUnanswered(screen));
  } else {
    screens.markReady(true);
  }
  if (screen === SUMMARY) {
    draft.state.reviewed = true;
    fillSummary(draft.state, route);
  }
  if (screen === STOP) {
    document.getElementById("outdated").hidden = !isOutdated();
  }
  current = screen;
  screens.show(screen, route);
  pace.start();
  if (screen !== STOP && screen !== END) {
    draft.state.screen = screen;
    keep(draft.save());
  } else {
    keep(draft.saving);
  }
}

// Keeping

/** Wait for a change to be written; the state line says so, and a failure stops everything until it is. */
async function keep(saving) {
  setState(say("saving"));
  try {
    await saving;
    await showState();
  } catch (error) {
    report(error);
  }
}

async function showState() {
  const waiting = await countWaiting();
  const parts = draft && current !== END ? [say("saved")] : [];
  if (waiting) parts.push(count("waiting", waiting));
  setState(parts.join(" · "));
  if (draft && current === END) await showOutcome(waiting);
}

function setState(text) {
  document.getElementById("state").textContent = text;
}

async function showOutcome(waiting) {
  const { receipt, problem } = await readRecord(draft.state.uuid);
  const lines = receipt
    ? [say("sent"), say("receipt", { number: receipt.seq })]
    : [say("saved"), count("waiting", waiting)];
  if (!receipt && problem) lines.push(say(problem));
  document.getElementById("outcome").textContent = lines.join(" · ");
}

function keepText(field) {
  clearTimeout(typing);
  typing = undefined;
  // Control characters and half surrogates would not survive the way to the database.
  const text = field.value.replace(/(?!\n)[\p{Cc}\p{Cs}]/gu, " ").trim();
  if (text === (draft.state.answers[field.name]?.text ?? "")) return;
  keep(draft.record(field.name, text ? { text } : null));
  screens.fill(field.name, draft.state.answers[field.name], field);
}

/** Keep the words typed so far without waiting for a pause. */
function keepTyping() {
  if (draft && typing) keepText(screens.screenOf(current).querySelector("textarea"));
}

/** Before any other screen: the words typed so far and the time spent are written. */
async function leave() {
  if (!draft || !current) return;
  keepTyping();
  draft.spend(current, pace.take());
  await draft.saving;
}

// Moving

async function go(screen, { replace = false } = {}) {
  await leave();
  if (replace) history.replaceState(history.state, "", hashOf(screen));
  else history.pushState({ from: current }, "", hashOf(screen));
  display(screen);
}

async function goBack() {
  draft.state.back += 1;
  const target = before(current);
  if (target === null) return location.assign(definition.tour);
  // The browser's own history is used where it can be, so that its back button and ours agree.
  if (history.state?.from === target) return history.back();
  await go(target, { replace: true });
}

function before(screen) {
  if (screen === STOP) return isOutdated() ? null : draft.state.screen;
  if (screen === CONSENT) return null;
  const route = routeOf();
  if (screen === SUMMARY) return route.at(-1);
  return route[route.indexOf(screen) - 1] ?? CONSENT;
}

async function goOn() {
  if (current === STOP) return stop();
  if (current === SUMMARY) return finish();
  if (isUnanswered(current)) {
    return screens.explain(say(current === definition.quartier ? "unnoted" : "unanswered"));
  }
  const { leaves } = screens.itemOf.get(current);
  if (leaves?.codes.includes(draft.state.answers[current]?.code)) {
    return screens.explain(say("not_eligible", { ending: leaves.ending }));
  }
  const route = routeOf();
  const rest = route.slice(route.indexOf(current) + 1);
  // Once everything has been read over, a changed answer leads straight back to the summary.
  const next = draft.state.reviewed ? rest.find(isUnanswered) : rest[0];
  await go(next ?? SUMMARY);
}

async function finish() {
  const missing = routeOf().find(isUnanswered);
  if (missing) {
    await go(missing);
    return screens.explain(say("left_out"));
  }
  await close("complete");
}

async function stop() {
  const reason = form.querySelector('input[name=".arret"]:checked')?.value;
  if (!reason) return screens.explain(say("reason"));
  const noted = definition.quartier in draft.state.answers;
  if (reason === "break_off" && !noted) return screens.explain(say("no_quartier"));
  await close(reason);
}

async function close(disposition) {
  await leave();
  await seal(definition, draft, disposition);
  await go(END, { replace: true });
  sendNow();
}

// Listening

form.addEventListener("change", (event) => {
  const { name, type, value } = event.target;
  screens.explain("");
  if (!draft || type !== "radio" || !screens.itemOf.has(name)) return;
  clearTimeout(typing);
  typing = undefined;
  keep(draft.record(name, { code: Number(value) }));
  screens.fill(name, draft.state.answers[name], event.target);
  screens.markReady(true);
});

form.addEventListener("input", (event) => {
  if (!draft || event.target.tagName !== "TEXTAREA") return;
  clearTimeout(typing);
  typing = setTimeout(() => keepText(event.target), 250);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (draft && !document.getElementById("next").hidden) unlessBusy(goOn);
});

document.getElementById("back").addEventListener("click", () => unlessBusy(goBack));
document.getElementById("stop").addEventListener("click", () => unlessBusy(() => go(STOP)));

form.addEventListener("click", (event) => {
  const { language, start, consent, item } = event.target.closest("a, button")?.dataset ?? {};
  if (language) {
    event.preventDefault();
    unlessBusy(() => speak(language));
  }
  if (start) unlessBusy(() => begin(start));
  if (consent) unlessBusy(() => answerConsent(consent));
  if (item) {
    event.preventDefault();
    unlessBusy(() => go(item));
  }
});

async function begin(language) {
  const { wave, version } = definition;
  const interviewer = await readSetting("interviewer");
  const started = await Draft.start({ wave, version, interviewer, language, screen: CONSENT });
  const hash = `#${started.state.uuid}/${CONSENT}`;
  if (language !== definition.language) return openIn(language, hash);
  await holdDraft(started.state.uuid);
  draft = started;
  history.replaceState(null, "", hash);
  display(CONSENT);
}

async function answerConsent(answer) {
  if (answer !== "agree") return close(answer);
  draft.state.agreed_at ??= new Date().toISOString();
  await go(routeOf()[0]);
}

async function speak(language) {
  if (language === definition.language) return;
  // Leaving for a page that cannot be fetched would leave the interviewer before a blank screen.
  const reachable = await fetch(languages[language].address).then((page) => page.ok, () => false);
  if (!reachable) return screens.explain(say("offline"));
  await leave();
  await draft.switchLanguage(language);
  openIn(language, location.hash);
}

document.getElementById("retry").addEventListener("click", async () => {
  try {
    await draft.save();
    failure.close();
    await showState();
  } catch (error) {
    console.error(error);
  }
});

// A modal that Escape closes would hide that the answer is not written.
failure.addEventListener("cancel", (event) => event.preventDefault());
addEventListener("popstate", () => inTurn(arrive));
// A page put back from the browser's cache may be older than what the tablet keeps.
addEventListener("pageshow", (event) => event.persisted && location.reload());
for (const leaving of ["visibilitychange", "pagehide"]) addEventListener(leaving, keepTyping);

const from = sessionStorage.getItem("from");
sessionStorage.removeItem("from");
if (from) history.replaceState({ from }, "");

const sendNow = keepSending(definition.intake, showState);
inTurn(arrive);
turn.then(sendNow);
