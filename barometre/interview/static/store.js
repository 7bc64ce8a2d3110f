// What the tablet keeps: the only module that touches IndexedDB.
import { openDB } from "./vendor/idb@8.0.4/index.js";

let opening = null;

function open() {
  opening ??= openDB("barometre", 1, {
    upgrade(database, oldVersion) {
      // Only ever add: whatever an older page kept must be found by a newer one.
      if (oldVersion < 1) {
        database.createObjectStore("settings");
        database.createObjectStore("drafts", { keyPath: "uuid" });
        database.createObjectStore("journal", { keyPath: ["uuid", "seq"] });
        // Only what still waits has the field, its moment: the index is the queue, the oldest first.
        database.createObjectStore("outbox", { keyPath: "uuid" }).createIndex("waiting", "waiting");
      }
    },
    blocking(_current, _blocked, event) {
      event.target.close();
      opening = null;
    },
    terminated() {
      opening = null;
    },
  });
  opening.catch(() => (opening = null));
  return opening;
}

// Browsers may kill the connection (memory, sleep): one new connection is tried before giving up.
async function reconnecting(work) {
  try {
    return await work(await open());
  } catch {
    opening = null;
    return work(await open());
  }
}

/** Run `work` in one transaction that is on the disk when the promise resolves. */
function write(stores, work) {
  return reconnecting(async (database) => {
    const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
    await Promise.all([...work((name) => transaction.objectStore(name)), transaction.done]);
  });
}

export const readSetting = (key) => reconnecting((database) => database.get("settings", key));
export const writeSetting = (key, value) => write(["settings"], (store) => [store("settings").put(value, key)]);

export const readDraft = (uuid) => reconnecting((database) => database.get("drafts", uuid));
export const listDrafts = () => reconnecting((database) => database.getAll("drafts"));

/** Keep a draft's snapshot and the journal entries that led to it, together or not at all. */
export const saveDraft = (draft, entries) =>
  write(["drafts", "journal"], (store) => [
    store("drafts").put(draft),
    ...entries.map((entry) => store("journal").put({ uuid: draft.uuid, ...entry })),
  ]);

/** Close a draft and put its envelope in the outbox, together; an envelope is never replaced. */
export const sealDraft = (draft, record) =>
  write(["drafts", "outbox"], (store) => [store("drafts").put(draft), store("outbox").add(record)]);

export const readRecord = (uuid) => reconnecting((database) => database.get("outbox", uuid));
export const listWaiting = () => reconnecting((database) => database.getAllFromIndex("outbox", "waiting"));
export const countWaiting = () => reconnecting((database) => database.countFromIndex("outbox", "waiting"));
export const listRecords = () => reconnecting((database) => database.getAll("outbox"));
export const saveRecord = (record) => write(["outbox"], (store) => [store("outbox").put(record)]);
