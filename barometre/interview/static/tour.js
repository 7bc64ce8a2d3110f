// « Ma tournée »: who holds the tablet, what it holds, and the way to the next door.
import { askCode, tryCode } from "./code.js";
import { watchEncounters } from "./encounters.js";
import { holdDraft } from "./draft.js";
import { askWho, enrol, redeem, signOut } from "./enrol.js";
import { sealCopy } from "./outbox.js";
import { isSettled, keepPages } from "./pages.js";
import { listRecordsHere } from "./records.js";
import { measureRoom } from "./room.js";
import { keepSending } from "./send.js";
import { hold, lock, lockWhenLeft, recall, unlock } from "./session.js";
import {
  catchUp,
  dropDraft,
  listDrafts,
  listPeople,
  readDraft,
  readPerson,
  readSetting,
  savePerson,
  writeSetting,
} from "./store.js";
import { watchTools } from "./tools.js";
import { chooseCode, forgetCode, isBlocked, isCode, unblock } from "./vault.js";
import { definition, say } from "./words.js";
import { askWork, showWork } from "./work.js";

const byId = (id) => document.getElementById(id);
const VIEWS = ["unknown", "people", "unlocking", "choosing", "open"];
const INVITATION = "#inscription=";

/** Whoever is signed in on the server now, with the token that their forms need; null for nobody. */
let person;
/** Whoever holds the tablet; their interviews carry this name, with or without a network. */
let interviewer;
let registration = null;

function show(view) {
  for (const id of VIEWS) byId(id).hidden = id !== view;
  byId("shut").hidden = view !== "open";
  byId("who").textContent = view === "open" ? interviewer : "";
}

// Who holds the tablet

/** Somebody that the server knows may choose a code on this tablet, once. */
async function register(name) {
  if (await readPerson(name)) return;
  await savePerson({ interviewer: name, failures: 0 });
  await writeSetting("interviewer", name);
}

async function meet() {
  person = await askWho();
  if (person) await register(person.interviewer);
  if (location.hash.startsWith(INVITATION)) {
    const accepted = await accept(location.hash.slice(INVITATION.length));
    // Whoever is known here, the code that was just given is what must be mended.
    if (!accepted) {
      await choosePerson();
      return show("unknown");
    }
  }
  const session = await recall();
  if (session) return open(session.interviewer);
  const last = await readSetting("interviewer");
  return last ? greet(last) : choosePerson();
}

async function accept(code) {
  history.replaceState(null, "", location.pathname);
  const { invited, problem } = await redeem(code);
  byId("enrolment-problem").textContent = problem ?? "";
  if (invited) await register(invited);
  return Boolean(invited);
}

/** Ask somebody known here for their code, or for a first one. */
async function greet(name) {
  interviewer = name;
  if (await askCode(name)) {
    show("unlocking");
    offerHelp(await readPerson(name));
    return byId("code").focus();
  }
  show("choosing");
  byId("new-code").focus();
}

async function choosePerson() {
  interviewer = null;
  const people = await listPeople();
  byId("names").replaceChildren(...people.map(makeName));
  show(people.length ? "people" : "unknown");
  byId("known").hidden = !people.length;
  if (!people.length) byId("ready").textContent = say("unknown");
}

function makeName({ interviewer: name }) {
  const row = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "choice";
  button.textContent = name;
  button.addEventListener("click", () => greet(name));
  row.append(button);
  return row;
}

/** What a supervisor who is signed in can do for somebody who made five errors or forgot their code. */
function offerHelp(known) {
  byId("helping").hidden = !person?.supervisor;
  byId("unblock").hidden = !isBlocked(known);
}

/** The supervisor's own sign-in does not stay on the tablet. */
async function endHelp() {
  await signOut(person);
  person = null;
  await greet(interviewer);
}

async function unblockPerson() {
  await unblock(interviewer);
  await endHelp();
}

/** Their interviews under way leave as they stand, for nobody can open them; then they choose another code. */
async function forgetPerson() {
  const drafts = await listDrafts();
  for (const draft of drafts.filter(({ finished, interviewer: name }) => !finished && name === interviewer)) {
    // One that is open in another tab is not closed: whoever has it there finishes it.
    if (draft.copy && (await holdDraft(draft.uuid))) await sealCopy(await readDraft(draft.uuid));
  }
  await forgetCode(interviewer);
  await endHelp();
  await refresh();
  sendNow();
}

async function open(name) {
  interviewer = name;
  await writeSetting("interviewer", name);
  byId("name").textContent = name;
  show("open");
  await refresh();
}

async function choose() {
  const [code, same] = [byId("new-code").value, byId("same-code").value];
  const problem = !isCode(code) ? "weak_code" : code !== same ? "two_codes" : null;
  byId("choosing-problem").textContent = problem ? say(problem) : "";
  if (problem) return byId("new-code").focus();
  const key = await chooseCode(interviewer, code);
  byId("choosing").reset();
  // Another page chose one meanwhile: that one is asked.
  if (!key) return greet(interviewer);
  await unlock(interviewer, key);
  await open(interviewer);
}

/** Put the tablet down: the next person, or the same one, gives a code. Nothing is lost, sending goes on. */
async function shut() {
  byId("encounter").close();
  await lock();
  await (interviewer ? greet(interviewer) : choosePerson());
}

async function give() {
  if (await tryCode()) await open(interviewer);
  else offerHelp(await readPerson(interviewer));
}

async function enrolByCode() {
  if (!(await accept(byId("enrolment-code").value))) return byId("enrolment-code").focus();
  await meet();
  await prepare();
}

function report(error) {
  console.error(error);
  byId("ready").textContent = say("unwritten");
}

/** Do `work` once: a second tap while a code is at work would be a second try, or a second key. */
function unlessBusy(work) {
  let busy = false;
  return async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    await work()
      .catch(report)
      .finally(() => (busy = false));
  };
}

byId("unlocking").addEventListener("submit", unlessBusy(give));
byId("choosing").addEventListener("submit", unlessBusy(choose));
byId("enrolment").addEventListener("submit", unlessBusy(enrolByCode));
byId("unblock").addEventListener("click", unlessBusy(unblockPerson));
byId("forget").addEventListener("click", unlessBusy(forgetPerson));
byId("other").addEventListener("click", () => show("unknown"));
for (const button of document.querySelectorAll("[data-view=people]")) button.addEventListener("click", choosePerson);
byId("shut").addEventListener("click", shut);
lockWhenLeft(shut);

// What the tablet holds

let problems = [];
async function refresh(found = problems) {
  problems = found;
  await listRecordsHere(interviewer, problems);
  await showWork();
}

/** Make sure that interviews can be kept and sent from here, and say what is missing. */
async function prepare(options) {
  if (!(await readSetting("interviewer"))) return;
  try {
    const persisted = await enrol(person, options);
    if (!(await readSetting("device"))) throw new Error("no token");
    registration = await keepPages(definition.worker, definition.tour);
    // Whoever unlocked before the worker was there is known to it now; one that makes way is left in peace.
    if (!registration || isSettled(registration)) await hold();
    const lines = [say(persisted ? "ready" : registration ? "not_persisted" : "no_worker")];
    if (!definition.seal) lines[0] = say("no_key");
    byId("new").hidden = !definition.seal;
    if (person === null) lines.push(say("expired"));
    if ((await measureRoom()) !== "free") lines.push(say("narrow"));
    byId("ready").textContent = lines.join(" ");
  } catch (error) {
    console.error(error);
    byId("ready").textContent = say("not_enrolled");
  }
}

// A server that forgot this tablet (a demonstration started anew) answers 401: it is enrolled once more.
let renewed = false;
async function afterRound(found) {
  if (found.includes("refused") && person && !renewed) {
    renewed = true;
    await prepare({ again: true });
    return sendNow();
  }
  await askWork();
  return refresh(found);
}

const sendNow = keepSending(definition.intake, afterRound);
byId("send").addEventListener("click", sendNow);
// A page put back from the browser's cache may hold a key that was put away since.
addEventListener("pageshow", (event) => (event.persisted ? location.reload() : refresh()));
watchEncounters(async () => {
  await refresh();
  sendNow();
});
watchTools(() => ({ registration, interviewer, person }));

/** What was only training is not kept; one that is open in another tab is. */
async function dropTraining() {
  const { held } = await navigator.locks.query();
  const isHeld = (uuid) => held.some(({ name }) => name === `draft:${uuid}`);
  const left = (await listDrafts()).filter(({ training, uuid }) => training && !isHeld(uuid));
  for (const { uuid } of left) await dropDraft(uuid);
}

try {
  await meet();
  await refresh();
  await prepare();
  await catchUp();
  sendNow();
  await dropTraining();
} catch (error) {
  // An interview that could not be kept must not begin.
  console.error(error);
  show(null);
  byId("ready").textContent = say(isSecureContext ? "no_memory" : "insecure");
}
