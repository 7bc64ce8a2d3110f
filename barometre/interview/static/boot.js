// An interview from its first screen to its last: arriving, answering, moving on, finishing.
import { askCode, tryCode } from "./code.js";
import { current, isOutdated, isSealed, isUnanswered, routeOf } from "./current.js";
import { Draft, holdDraft } from "./draft.js";
import { choose, closeHanded, isOffered, isOpen, listHanded } from "./handover.js";
import { dropTyping, keepAnswer, keepTyping, leave, pace, watchTyping } from "./keeping.js";
import { allowedScreen, findWelcome, openDraft } from "./opening.js";
import { closeCopy, seal } from "./outbox.js";
import { findRoute } from "./route.js";
import * as screens from "./screens.js";
import { keepSending } from "./send.js";
import { hold, lock, lockWhenLeft, recall, withhold } from "./session.js";
import { follow, isFailing, report, showState } from "./status.js";
import { catchUp, dropDraft } from "./store.js";
import { clearSummary, fillSummary } from "./summary.js";
import { definition, say } from "./words.js";

const { CONSENT, END, HANDOVER, LOCK, STOP, SUMMARY } = screens;
const TRAINING = "entrainement";
const { languages } = definition;
const form = document.getElementById("interview");

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
async function arrive({ codeGiven = false } = {}) {
  await leave();
  const [uuid, screen] = location.hash.slice(1).split("/");
  if (!uuid) return welcome();
  if (uuid === TRAINING) return begin(definition.language, { training: true });
  if (current.draft?.state.uuid !== uuid) {
    const trouble = await openDraft(uuid);
    if (trouble) return screens.show(trouble);
  }
  const { draft } = current;
  if (draft.state.finished) return display(END);
  if (isOutdated() && !location.search) return openIn(definition.language, location.hash, draft.state.version);
  if (draft.state.language in languages && draft.state.language !== definition.language) {
    return openIn(draft.state.language, location.hash);
  }
  // Its language is no longer offered: what is shown is what is noted.
  if (draft.state.language !== definition.language) await draft.switchLanguage(definition.language);
  // Whoever gives a code takes the tablet back: what was answered alone is sealed before it can be seen.
  if (codeGiven && isOpen()) await closeHanded();
  display(allowedScreen(screen));
}

async function welcome() {
  current.draft = null;
  await showState();
  // Last: what is touched while something else is under way is not heard.
  screens.show(await findWelcome());
}

/** Go on in another document: another language, or the questionnaire that an older draft was begun with. */
function openIn(language, hash, questionnaire = null) {
  sessionStorage.setItem("from", history.state?.from ?? "");
  const search = questionnaire ? `?questionnaire=${questionnaire}` : location.search;
  location.replace(languages[language].address + search + hash);
  // Nothing more happens on this page: a second touch would begin a second interview.
  return new Promise(() => {});
}

/** Makes of a draft what the server could open if its code were forgotten; training has none. */
const copierOf = ({ training }) => (definition.seal && !training ? (state) => closeCopy(definition, state) : undefined);

/** Show a screen of the draft and remember it, to come back to the same place, unless it was `written` just now. */
function display(screen, { written = false } = {}) {
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
  if (isOpen() && !draft.state.training) follow(withhold());
  if (!written && screen !== STOP && screen !== END) {
    draft.state.screen = screen;
    follow(draft.save(copierOf(draft.state)));
  } else {
    follow(draft.written);
  }
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
    if (isOpen()) return screens.explain(definition.spoken.unanswered, definition.language);
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
  const [first] = listHanded();
  await closeHanded();
  const route = routeOf();
  const next = route.slice(route.indexOf(first)).find((id) => !isSealed(id)) ?? SUMMARY;
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
  form.reset();
  clearSummary();
  document.getElementById("thanks").hidden = !thanks;
  current.screen = null;
  screens.show(LOCK);
}

async function openUp() {
  if (await tryCode()) await arrive({ codeGiven: true });
}

lockWhenLeft(() => {
  // What could not be written yet is only here: it is not put away.
  if (isFailing()) return;
  inTurn(async () => {
    const session = await recall();
    // Locked already, by the beat before this one.
    if (!session) return;
    await leave();
    await shut(session.interviewer);
  });
});

// Listening

form.addEventListener("change", (event) => {
  const { draft } = current;
  const { name, type, value } = event.target;
  screens.explain("");
  if (!draft || type !== "radio" || !screens.itemOf.has(name)) return;
  dropTyping();
  keepAnswer(draft.record(name, { code: Number(value) }));
  screens.fill(name, draft.state.answers[name], event.target);
  screens.markReady(true);
});

form.addEventListener("input", (event) => {
  if (!current.draft || event.target.tagName !== "TEXTAREA") return;
  watchTyping(event.target);
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (screens.shown() === LOCK) unlessBusy(openUp);
  else if (current.draft && !document.getElementById("next").hidden) unlessBusy(goOn);
});

document.getElementById("back").addEventListener("click", () => unlessBusy(goBack));
document.getElementById("stop").addEventListener("click", () => unlessBusy(isOpen() ? takeBack : () => go(STOP)));

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
  const screen = training ? findRoute(definition.items, {})[0] : CONSENT;
  const uuid = crypto.randomUUID();
  const about = { uuid, wave, version, interviewer, language, screen, training, answers: training ? {} : answers };
  const here = language === definition.language;
  const draft = Draft.start(about, key, copierOf(about));
  if (!here) {
    await draft.written;
    return openIn(language, `#${uuid}/${screen}`);
  }
  // Shown while it is written: whatever comes next waits for that. Nobody else can hold what is new.
  holdDraft(uuid);
  current.draft = draft;
  history.replaceState(null, "", hashOf(screen));
  display(screen, { written: true });
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
  // The next page takes the key over, also while the person answers alone.
  await hold();
  await openIn(language, location.hash);
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
// Later than what this page writes first, which catches up by itself.
turn
  .then(() => current.draft?.saving)
  .catch(() => {})
  .then(catchUp)
  .then(sendNow);
