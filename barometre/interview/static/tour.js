// « Ma tournée »: what this tablet holds, drawn from its memory.
import { askWho, enrol } from "./enrol.js";
import { keepPages } from "./pages.js";
import { keepSending } from "./send.js";
import { listDrafts, listRecords, listWaiting, readSetting, writeSetting } from "./store.js";
import { count, definition, moment, say } from "./words.js";

const { dispositions, languages } = definition;
// A tablet keeps what it sent; the list shows the latest.
const SENT_SHOWN = 20;
const byId = (id) => document.getElementById(id);

/** The last person who signed in here; their interviews carry this name, with or without a network. */
let interviewer;
/** Whoever is signed in now, with the token that their forms need. */
let person;
const nameOf = (language) => languages[language]?.name ?? language;

function draw(place, records, describe) {
  const list = byId(place);
  list.replaceChildren(
    ...records.map((record) => {
      const row = byId("record").content.cloneNode(true);
      const { title, details, address } = describe(record);
      row.querySelector(".record__title").textContent = title;
      row.querySelector(".record__detail").textContent = details.filter(Boolean).join(" · ");
      if (address) {
        const link = document.createElement("a");
        link.className = "button";
        link.href = address;
        link.textContent = say("resume");
        row.querySelector("li").append(link);
      }
      return row;
    }),
  );
  list.hidden = records.length === 0;
}

const describeDraft = (draft) => ({
  title: say("started", { moment: moment(draft.started_at) }),
  details: [nameOf(draft.language), count("answered", Object.keys(draft.answers).length)],
  address: `${(languages[draft.language] ?? languages.fr).address}#${draft.uuid}/${draft.screen}`,
});

const describeRecord = ({ finished_at, disposition, language, receipt }) => ({
  title: say("finished", { moment: moment(finished_at) }),
  details: [
    dispositions[disposition],
    nameOf(language),
    receipt && say("receipt", { number: receipt.seq }),
    ["conflict", "quarantined"].includes(receipt?.status) && say("set_aside"),
  ],
});

const newestFirst = (key) => (one, other) => other[key].localeCompare(one[key]);

async function refresh(problems = []) {
  const drafts = await listDrafts();
  const mine = drafts.filter((draft) => !draft.finished && draft.interviewer === interviewer);
  draw("drafts", mine.sort(newestFirst("started_at")), describeDraft);
  const waiting = await listWaiting();
  draw("waiting", waiting, describeRecord);
  const sent = (await listRecords()).filter((record) => record.receipt);
  draw("sent", sent.sort(newestFirst("finished_at")).slice(0, SENT_SHOWN), describeRecord);
  const lines = [waiting.length ? count("waiting", waiting.length) : say("nothing_waiting")];
  if (problems.length) lines.push(say(problems[0]));
  byId("state").textContent = lines.join(" · ");
  byId("send").hidden = waiting.length === 0;
  byId("no-drafts").hidden = mine.length > 0;
  byId("no-sent").hidden = sent.length > 0;
}

async function prepare(options) {
  try {
    const persisted = await enrol(person, options);
    const kept = await keepPages(definition.worker, definition.tour);
    const lines = [say(persisted ? "ready" : kept ? "not_persisted" : "no_worker")];
    if (person === null) lines.push(say("expired"));
    byId("ready").textContent = lines.join(" ");
  } catch (error) {
    console.error(error);
    byId("ready").textContent = say("not_enrolled");
  }
}

// A server that forgot this tablet (a demonstration started anew) answers 401: it is enrolled once more.
let renewed = false;
async function afterRound(problems) {
  if (problems.includes("refused") && !renewed) {
    renewed = true;
    await prepare({ again: true });
    return sendNow();
  }
  return refresh(problems);
}

const sendNow = keepSending(definition.intake, afterRound);
byId("send").addEventListener("click", sendNow);
addEventListener("pageshow", () => refresh());

/** Find out who interviews; false when this tablet has never known anybody. */
async function meet() {
  person = await askWho();
  interviewer = person?.interviewer ?? (await readSetting("interviewer"));
  if (person) await writeSetting("interviewer", interviewer);
  byId("who").textContent = interviewer ?? "";
  byId("name").textContent = interviewer ?? "";
  byId("identity").hidden = !interviewer;
  byId("sign-in").hidden = Boolean(person);
  byId("sign-out").hidden = !interviewer;
  byId("new").hidden = !interviewer;
  if (interviewer) return true;
  if (person === null) location.replace(definition.sign_in);
  byId("ready").textContent = say("unknown");
  return false;
}

// Signing out forgets the name, never an interview; the server's own sign-in ends when it can be reached.
byId("sign-out").addEventListener("submit", async (event) => {
  event.preventDefault();
  await writeSetting("interviewer", null);
  byId("token").value = person?.token ?? "";
  const form = event.target;
  if (person) await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => {});
  location.reload();
});

try {
  const met = await meet();
  await refresh();
  if (met) await prepare();
  await sendNow();
} catch (error) {
  // An interview that could not be kept must not begin.
  console.error(error);
  byId("new").hidden = true;
  byId("ready").textContent = say(isSecureContext ? "no_memory" : "insecure");
}
