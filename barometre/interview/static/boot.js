// An interview from its first screen to its last: arriving, answering, moving on, finishing.
import { askCode, tryCode } from "./code.js";
import { current, isOutdated, isUnanswered, routeOf } from "./current.js";
import { Draft, holdDraft } from "./draft.js";
import { choose, closeHanded, isOffered, isOpen, listHanded } from "./handover.js";
import { seal } from "./outbox.js";
import { Pace } from "./pace.js";
import { measureRoom } from "./room.js";
import * as screens from "./screens.js";
import { keepSending } from "./send.js";
import { lock, lockWhenLeft, recall } from "./session.js";
import { isFailing, keep, report, showState } from "./status.js";
import { dropDraft, readDraft, readSetting } from "./store.js";
import { fillSummary } from "./summary.js";
import { definition, say } from "./words.js";

const { CONSENT, END, HANDOVER, LANGUAGE, LOCK, STOP, SUMMARY } = screens;
const TRAINING = "entrainement";
const { languages } = definition;
const form = document.getElementById("interview");
const pace = new Pace();

let typing;

const hashOf = (screen) => `#${current.draft.state.uuid}/${screen}`;

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

// Arriving

/** Show what the address names: an interview and one of its screens, or the choice of a language. */
async function arrive() {
  await leave();
  const [uuid, screen] = location.hash.slice(1).split("/");
  if (!uuid) return welcome();
  if (uuid === TRAINING) return begin(definition.language, { training: true });
  if (current.draft?.state.uuid !== uuid) {
    const trouble = await openDraft(uuid);
    if (trouble) return screens.show(trouble);
  }
  const { draft } = current;
  if (draft.state.language in languages && draft.state.language !== definition.language) {
    return openIn(draft.state.language, location.hash);
  }
  // Its language is no longer offered: what is shown is what is noted.
  if (draft.state.language !== definition.language) await draft.switchLanguage(definition.language);
  display(allowedScreen(screen));
}

/** Open a kept interview; the screen to show instead when that cannot be. */
async function openDraft(uuid) {
  current.draft = null;
  const record = await readDraft(uuid);
  if (!record) return ".inconnu";
  if (record.finished) {
    current.draft = new Draft({ ...record, answers: {} });
    return null;
  }
  const session = await recall();
  const locked = !record.training && session?.interviewer !== record.interviewer;
  if (locked) return (await askCode(record.interviewer)) ? LOCK : ".tablette";
  if (!(await holdDraft(uuid))) return ".ailleurs";
  current.draft = await Draft.open(record, session?.key);
  return null;
}

async function welcome() {
  current.draft = null;
  screens.show(await findWelcome());
  await showState();
}

/** The screen before an interview: the choice of a language, unless something has to be done first. */
async function findWelcome() {
  const session = await recall();
  const interviewer = session?.interviewer ?? (await readSetting("interviewer"));
  if (!interviewer || !definition.seal) return ".tablette";
  if (!session) return (await askCode(interviewer)) ? LOCK : ".tablette";
  return (await measureRoom()) === "full" ? ".pleine" : LANGUAGE;
}

function allowedScreen(wanted) {
  const { state } = current.draft;
  if (state.finished) return END;
  if (isOutdated() || (wanted === STOP && !isOpen())) return STOP;
  if (!state.agreed_at) return CONSENT;
  const route = isOpen() ? listHanded() : routeOf().filter((id) => !isSealed(id));
  const others = isOpen() ? [] : [CONSENT, SUMMARY];
  if (others.includes(wanted) || route.includes(wanted)) return wanted;
  return route.includes(state.screen) ? state.screen : (route.find(isUnanswered) ?? SUMMARY);
}

function isSealed(id) {
  const { handed } = current.draft.state;
  return Boolean(handed?.sealed) && handed.items.includes(id);
}

function openIn(language, hash) {
  sessionStorage.setItem("from", history.state?.from ?? "");
  location.replace(languages[language].address + hash);
}

/** Show a screen of the draft and remember it, to come back to the same place. */
function display(screen) {
  const { draft } = current;
  const route = isOpen() ? listHanded() : routeOf();
  if (screens.itemOf.has(screen)) {
    screens.fill(screen, draft.state.answers[screen]);
    screens.markReady(!isUnanswered(screen));
  } else {
    screens.markReady(true);
  }
  if (screen === SUMMARY) {
    draft.state.reviewed = true;
    fillSummary(draft.state, routeOf());
  }
  if (screen === STOP) {
    document.getElementById("outdated").hidden = !isOutdated();
  }
  document.getElementById("training").hidden = !draft.state.training;
  current.screen = screen;
  screens.show(screen, route, { alone: isOpen() });
  pace.start();
  if (screen !== STOP && screen !== END) {
    draft.state.screen = screen;
    keep(draft.save());
  } else {
    keep(draft.saving);
  }
}

// Keeping

function keepAnswer(saving) {
  keep(saving).then((kept) => kept && keepPagesOnce());
}

let pagesKept = Boolean(navigator.serviceWorker?.controller);
/** The pages themselves are kept from the first answer on: nothing delays it. */
async function keepPagesOnce() {
  if (pagesKept) return;
  pagesKept = true;
  const { keepPages } = await import("./pages.js");
  await keepPages(definition.worker, definition.tour).catch(console.error);
}

function keepText(field) {
  clearTimeout(typing);
  typing = undefined;
  const { draft } = current;
  // Control characters and half surrogates would not survive the way to the database.
  const text = field.value.replace(/(?!\n)[\p{Cc}\p{Cs}]/gu, " ").trim();
  if (text === (draft.state.answers[field.name]?.text ?? "")) return;
  keepAnswer(draft.record(field.name, text ? { text } : null));
  screens.fill(field.name, draft.state.answers[field.name], field);
}

/** Keep the words typed so far without waiting for a pause. */
function keepTyping() {
  if (current.draft && typing) keepText(screens.screenOf(current.screen).querySelector("textarea"));
}

/** Before any other screen: the words typed so far and the time spent are written. */
async function leave() {
  const { draft, screen } = current;
  if (!draft || !screen) return;
  keepTyping();
  draft.spend(screen, pace.take());
  await draft.saving;
}

// Moving

async function go(screen, { replace = false } = {}) {
  await leave();
  if (replace) history.replaceState(history.state, "", hashOf(screen));
  else history.pushState({ from: current.screen }, "", hashOf(screen));
  display(screen);
}

async function goBack() {
  current.draft.state.back += 1;
  const target = before(current.screen);
  if (target === null) return location.assign(definition.tour);
  // The browser's own history is used where it can be, so that its back button and ours agree.
  if (history.state?.from === target) return history.back();
  await go(target, { replace: true });
}

function before(screen) {
  if (screen === STOP) return isOutdated() ? null : current.draft.state.screen;
  if (screen === CONSENT) return null;
  const route = isOpen() ? listHanded() : routeOf().filter((id) => !isSealed(id));
  if (screen === SUMMARY) return route.at(-1);
  if (screen === HANDOVER) return routeOf()[routeOf().indexOf(listHanded()[0]) - 1];
  return route[route.indexOf(screen) - 1] ?? (isOpen() ? screen : CONSENT);
}

async function goOn() {
  const { draft, screen } = current;
  if (screen === STOP) return stop();
  if (screen === SUMMARY) return finish();
  if (isUnanswered(screen)) {
    return screens.explain(say(screen === definition.quartier ? "unnoted" : "unanswered"));
  }
  const { leaves } = screens.itemOf.get(screen);
  if (leaves?.codes.includes(draft.state.answers[screen]?.code)) {
    return screens.explain(say("not_eligible", { ending: leaves.ending }));
  }
  if (isOpen() && screen === listHanded().at(-1)) return takeBack();
  const route = routeOf();
  const rest = route.slice(route.indexOf(screen) + 1).filter((id) => !isSealed(id));
  // Once everything has been read over, a changed answer leads straight back to the summary.
  const next = (draft.state.reviewed ? rest.find(isUnanswered) : rest[0]) ?? SUMMARY;
  await go(isOffered(next) ? HANDOVER : next);
}

/** The person answers alone, or is asked like before. */
async function handOver(choice) {
  await choose(choice === "alone");
  await go(listHanded()[0], { replace: true });
}

/** The person gives the tablet back: their answers are sealed, and the interviewer's code opens the rest. */
async function takeBack() {
  await leave();
  await closeHanded();
  const route = routeOf();
  const rest = route.slice(route.indexOf(current.screen) + 1);
  const next = rest.find((id) => !isSealed(id)) ?? SUMMARY;
  current.draft.state.screen = next;
  await current.draft.save();
  history.replaceState(null, "", hashOf(next));
  if (current.draft.state.training) return display(next);
  const { interviewer } = current.draft.state;
  await shut(interviewer, { thanks: true });
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
  const noted = definition.quartier in current.draft.state.answers;
  if (reason === "break_off" && !noted) return screens.explain(say("no_quartier"));
  await close(reason);
}

async function close(disposition) {
  await leave();
  const { draft } = current;
  const quartier = draft.state.answers[definition.quartier]?.code;
  if (draft.state.training) {
    await dropDraft(draft.state.uuid);
    draft.state.finished = true;
  } else {
    await seal(definition, draft, disposition);
  }
  screens.giveBack(["complete", "break_off"].includes(disposition) ? quartier : null);
  await go(END, { replace: true });
  sendNow();
}

// Locking

/** Whoever holds the tablet now sees nothing of the interview until the interviewer's code is given. */
async function shut(interviewer, { thanks = false } = {}) {
  current.draft = null;
  await lock();
  await askCode(interviewer);
  document.getElementById("thanks").hidden = !thanks;
  current.screen = null;
  screens.show(LOCK);
}

async function openUp() {
  if (await tryCode()) await arrive();
}

lockWhenLeft(() => {
  // What could not be written yet is only here: it is not put away.
  if (isFailing()) return;
  inTurn(async () => {
    const { interviewer } = await recall();
    await leave();
    await shut(interviewer);
  });
});

// Listening

form.addEventListener("change", (event) => {
  const { draft } = current;
  const { name, type, value } = event.target;
  screens.explain("");
  if (!draft || type !== "radio" || !screens.itemOf.has(name)) return;
  clearTimeout(typing);
  typing = undefined;
  keepAnswer(draft.record(name, { code: Number(value) }));
  screens.fill(name, draft.state.answers[name], event.target);
  screens.markReady(true);
});

form.addEventListener("input", (event) => {
  if (!current.draft || event.target.tagName !== "TEXTAREA") return;
  clearTimeout(typing);
  typing = setTimeout(() => keepText(event.target), 250);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (screens.shown() === LOCK) unlessBusy(openUp);
  else if (current.draft && !document.getElementById("next").hidden) unlessBusy(goOn);
});

document.getElementById("back").addEventListener("click", () => unlessBusy(goBack));
document.getElementById("stop").addEventListener("click", () => unlessBusy(() => go(STOP)));

form.addEventListener("click", (event) => {
  const { language, start, consent, handover, item } = event.target.closest("a, button")?.dataset ?? {};
  if (language) {
    event.preventDefault();
    unlessBusy(() => speak(language));
  }
  if (start) unlessBusy(() => begin(start));
  if (consent) unlessBusy(() => answerConsent(consent));
  if (handover) unlessBusy(() => handOver(handover));
  if (item) {
    event.preventDefault();
    unlessBusy(() => go(item));
  }
});

async function begin(language, { training = false } = {}) {
  const { wave, version } = definition;
  const session = training ? { interviewer: "" } : await recall();
  const { interviewer, key } = session;
  // What was noted at the door: where, and in which quartier.
  const answers = JSON.parse(sessionStorage.getItem("encounter")) ?? {};
  sessionStorage.removeItem("encounter");
  const about = { wave, version, interviewer, language, screen: CONSENT, training };
  const started = await Draft.start({ ...about, answers: training ? {} : answers }, key);
  const { state } = started;
  if (training) state.agreed_at = state.started_at;
  const hash = `#${state.uuid}/${CONSENT}`;
  if (language !== definition.language) return openIn(language, hash);
  await holdDraft(state.uuid);
  current.draft = started;
  const first = training ? routeOf()[0] : CONSENT;
  history.replaceState(null, "", hashOf(first));
  display(first);
}

async function answerConsent(answer) {
  if (answer !== "agree") return close(answer);
  current.draft.state.agreed_at ??= new Date().toISOString();
  await go(routeOf().find(isUnanswered) ?? SUMMARY);
}

async function speak(language) {
  if (language === definition.language) return;
  // Leaving for a page that cannot be fetched would leave the interviewer before a blank screen.
  const reachable = await fetch(languages[language].address).then((page) => page.ok, () => false);
  if (!reachable) return screens.explain(say("offline"));
  await leave();
  await current.draft.switchLanguage(language);
  openIn(language, location.hash);
}

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
