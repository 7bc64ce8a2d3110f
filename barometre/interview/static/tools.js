// Before and after the field: is this tablet ready, a file of what waits, a file about the tablet itself.
import { signOut } from "./enrol.js";
import { digest } from "./outbox.js";
import { measureRoom } from "./room.js";
import { askServer } from "./send.js";
import { recall } from "./session.js";
import {
  eraseAll,
  listDrafts,
  listPeople,
  listRecords,
  listWaiting,
  readPerson,
  readSetting,
} from "./store.js";
import { hasCode } from "./vault.js";
import { count, definition, say } from "./words.js";

const byId = (id) => document.getElementById(id);
//: milliseconds that a clock may be wrong
const TOLERANCE = 300_000;

/** Every condition with whether it holds: true, false, or null where the browser does not tell. */
async function checkAll({ registration, interviewer }) {
  const device = await readSetting("device");
  const reached = await askServer();
  const ahead = await readSetting("ahead");
  const documents = Object.values(definition.languages).map(({ address }) => caches.match(address));
  const battery = await navigator.getBattery?.();
  return {
    memory: Boolean(await navigator.storage?.persisted?.()),
    installed: matchMedia("(display-mode: standalone)").matches,
    room: (await measureRoom()) === "free",
    pages: Boolean(registration?.active),
    release: !registration?.waiting,
    documents: (await Promise.all(documents)).every(Boolean),
    key: Boolean(definition.seal),
    code: hasCode(await readPerson(interviewer)),
    enrolled: Boolean(device),
    server: Boolean(reached),
    clock: ahead === undefined ? null : Math.abs(ahead) < TOLERANCE,
    battery: battery ? battery.charging || battery.level > 0.5 : null,
  };
}

function makeLine(name, holds) {
  const line = document.createElement("li");
  line.className = holds === false ? "checks__no" : "checks__yes";
  const state = holds === null ? "check_unknown" : holds ? "check_yes" : "check_no";
  line.textContent = say(state, { what: definition.checks[name][holds === false ? "mend" : "holds"] });
  return line;
}

async function check(about) {
  const found = Object.entries(await checkAll(about));
  byId("checks").hidden = false;
  byId("checks").replaceChildren(...found.map(([name, holds]) => makeLine(name, holds)));
}

function download(name, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 1)], { type: "application/json" }));
  link.download = `${name}-${new Date().toISOString().slice(0, 16).replace(":", "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What no backup of the server holds yet, as far as this tablet knows. */
const listHeld = async () => (await listRecords()).filter(({ bytes }) => bytes);

/** All of it, still sealed: nobody reads it on the way. */
async function exportOutbox() {
  const device = await readSetting("device");
  const records = (await listHeld()).map(({ uuid, sha256, bytes }) => ({ uuid, sha256, bytes }));
  const exported_at = new Date().toISOString();
  download("entretiens", { barometre: "outbox", version: 1, exported_at, device_id: device?.device_id, records });
}

/** Identifiers of the interviews that a file holds whole. */
async function readExport(file) {
  const { records = [] } = await file
    .text()
    .then(JSON.parse)
    .catch(() => ({}));
  const whole = await Promise.all(records.map(async ({ sha256, bytes }) => (await digest(bytes)) === sha256));
  return new Set(records.filter((_, place) => whole[place]).map(({ uuid }) => uuid));
}

/** Why the tablet cannot be emptied yet, null when nothing would be lost; `file` is an export, or nothing. */
async function findHindrance(file) {
  if (!(await recall())) return say("wipe_locked");
  const begun = (await listDrafts()).filter(({ finished, training }) => !finished && !training);
  if (begun.length) return count("wipe_begun", begun.length);
  const exported = file ? await readExport(file) : new Set();
  const only = (await listHeld()).filter(({ uuid }) => !exported.has(uuid));
  return only.length ? count("wipe_held", only.length) : null;
}

/** Give the tablet back as if it had never been used, after the last interview. */
async function wipe({ person }) {
  const hindrance = await findHindrance(byId("wipe-file").files[0]);
  byId("wipe-problem").textContent = hindrance ?? "";
  if (hindrance) return;
  await signOut(person);
  const registration = await navigator.serviceWorker?.getRegistration(definition.tour);
  await registration?.unregister();
  for (const name of await caches.keys()) await caches.delete(name);
  await eraseAll();
  location.replace(definition.tour);
}

/** What explains a breakdown: versions, numbers and states; no answer, no name. */
async function exportSupport({ registration, interviewer }) {
  const records = await listRecords();
  const drafts = await listDrafts();
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  download("assistance", {
    barometre: "support",
    made_at: new Date().toISOString(),
    release: definition.version,
    browser: navigator.userAgent,
    languages: navigator.languages,
    screen: [screen.width, screen.height, devicePixelRatio],
    online: navigator.onLine,
    storage: { usage, quota },
    people: (await listPeople()).length,
    device_id: (await readSetting("device"))?.device_id,
    clock_ahead_ms: await readSetting("ahead"),
    drafts: drafts.filter(({ finished, training }) => !finished && !training).length,
    waiting: (await listWaiting()).length,
    last: records.sort((one, other) => one.finished_at.localeCompare(other.finished_at)).slice(-20).map(
      ({ uuid, finished_at, attempts, problem, receipt }) => ({ uuid, finished_at, attempts, problem, receipt }),
    ),
    checks: await checkAll({ registration, interviewer }),
  });
}

/** `about()` tells what only the page knows: its worker, and who holds the tablet. */
export function watchTools(about) {
  byId("check").addEventListener("click", () => check(about()));
  byId("export").addEventListener("click", exportOutbox);
  byId("support").addEventListener("click", () => exportSupport(about()));
  byId("wipe").addEventListener("click", () => {
    byId("wipe-problem").textContent = "";
    byId("wiping").showModal();
  });
  byId("wipe-now").addEventListener("click", () => wipe(about()));
  byId("wipe-not").addEventListener("click", () => byId("wiping").close());
}
