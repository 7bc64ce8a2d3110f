// What the tablet keeps: the only module that touches IndexedDB.
import { alone, canCopy, eraseCopy, follow, openCopy, putAll, readCopy } from "./copy.js";
import { deleteDB, openDB } from "./vendor/idb@8.0.4/index.js";

/** How both copies are built; `state` is the setting that names the last write. */
const SHAPE = {
  name: "barometre",
  version: 2,
  stores: ["settings", "people", "drafts", "journal", "outbox"],
  state: "written",
  upgrade(database, oldVersion) {
    // Only ever add: whatever an older page kept must be found by a newer one.
    if (oldVersion < 1) {
      database.createObjectStore("settings");
      database.createObjectStore("drafts", { keyPath: "uuid" });
      database.createObjectStore("journal", { keyPath: ["uuid", "seq"] });
      // Only what still waits has the field, its moment: the index is the queue, the oldest first.
      database.createObjectStore("outbox", { keyPath: "uuid" }).createIndex("waiting", "waiting");
    }
    if (oldVersion < 2) database.createObjectStore("people", { keyPath: "interviewer" });
  },
};

let opening = null;

/** Open it; one that would begin empty begins with what `kept` gives, where it was asked for. */
function openWith(kept) {
  return openDB(SHAPE.name, SHAPE.version, {
    upgrade(database, oldVersion, _newVersion, transaction) {
      if (oldVersion === 0 && kept === undefined) {
        transaction.done.catch(() => {});
        return transaction.abort();
      }
      SHAPE.upgrade(database, oldVersion);
      putAll(transaction, kept ?? []);
    },
    blocking(_current, _blocked, event) {
      event.target.close();
      opening = null;
    },
    terminated() {
      opening = null;
    },
  });
}

/** A database that is not there is a new tablet, or one whose browser gave its memory up. */
async function openOrRestore() {
  try {
    return await openWith(undefined);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return openWith(await readCopy(SHAPE).catch(() => null));
  }
}

function open() {
  opening ??= openOrRestore();
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

/** A store whose changes are noted, to be made again in the copy. */
const noting = (store, changes) => {
  const change = (action) => (...given) => {
    changes.push([store.name, action, given]);
    return store[action](...given);
  };
  return { get: (key) => store.get(key), put: change("put"), add: change("add"), delete: change("delete") };
};

/**
 * Run `work` in one transaction, with what `take` gave just before; resolves once it is on the disk, in both copies,
 * and calls `written` once it is in the first one. What it throws undoes it.
 */
function write(stores, work, { take = () => {}, written = () => {} } = {}) {
  const opened = openBoth();
  return alone(() =>
    reconnecting(async (database) => {
      await opened;
      const taken = await take();
      const names = [...new Set([...stores, "settings"])];
      const transaction = database.transaction(names, "readwrite", { durability: "strict" });
      // Told by what is awaited below; by itself it would be told to nobody.
      transaction.done.catch(() => {});
      const settings = transaction.objectStore("settings");
      const [changes, after] = [[], crypto.randomUUID()];
      let before, requests;
      try {
        before = settings.get(SHAPE.state);
        requests = await work((name) => noting(transaction.objectStore(name), changes), taken);
        requests.push(before, settings.put(after, SHAPE.state));
        // Nothing follows: the browser writes without waiting until this page has heard of every request.
        transaction.commit();
      } catch (error) {
        if (!transaction.error) transaction.abort();
        throw error;
      }
      await Promise.all([...requests, transaction.done]);
      written();
      await copyOn(database, { before: await before, after, changes });
    }),
  );
}

let copying = canCopy;
let followed = false;

/** Open them while a turn is awaited, one after the other; whoever uses them is told what fails. */
const openBoth = () => open().then(() => copying && openCopy(SHAPE)).catch(() => {});

/** A copy that cannot be written never stops an interview. */
async function copyOn(database, written) {
  if (!copying) return;
  try {
    await follow(SHAPE, database, written);
    followed = true;
  } catch (error) {
    console.error(error);
    copying = false;
  }
}

/** Make the copy whole again: the last page may have been cut between the two. A write of this page has done it. */
export function catchUp() {
  return alone(() =>
    reconnecting(async (database) => {
      if (followed) return;
      const state = await database.get("settings", SHAPE.state);
      if (state !== undefined) await copyOn(database, { before: state, after: state, changes: [] });
    }),
  );
}

/** Every journal entry of one interview. */
const journalOf = (uuid) => IDBKeyRange.bound([uuid, 0], [uuid, Infinity]);

export const readSetting = (key) => reconnecting((database) => database.get("settings", key));
export const writeSetting = (key, value) => write(["settings"], (store) => [store("settings").put(value, key)]);

export const readPerson = (interviewer) => reconnecting((database) => database.get("people", interviewer));
export const listPeople = () => reconnecting((database) => database.getAll("people"));
export const savePerson = (person) => write(["people"], (store) => [store("people").put(person)]);

/** Keep a setting unless there is one: of two pages that come at once, both read the first one's. */
export const addSetting = (key, value) =>
  write(["settings"], async (store) => {
    if ((await store("settings").get(key)) === undefined) await store("settings").put(value, key);
    return [];
  });

/** Give somebody a code's lock unless they have one: what lies under the first would be lost. */
export const addLock = (person) =>
  write(["people"], async (store) => {
    const known = await store("people").get(person.interviewer);
    return known?.wrapped ? [] : [store("people").put(person)];
  });

export const readDraft = (uuid) => reconnecting((database) => database.get("drafts", uuid));
export const listDrafts = () => reconnecting((database) => database.getAll("drafts"));

/** Another page wrote this interview meanwhile, or finished it: what this one has is not written over it. */
export class DraftTaken extends Error {}

/**
 * Keep a draft's snapshot and the journal entries that led to it, together or not at all; `gone` are erased. `take`
 * gives {draft, entries, gone} when their turn has come. Snapshots follow each other: `revision` is one more than the
 * last one's, whoever wrote it. `written` is called as soon as they are in the first of the two copies.
 */
export const saveDraft = (take, written) =>
  write(
    ["drafts", "journal"],
    async (store, { draft, entries, gone }) => {
      const known = await store("drafts").get(draft.uuid);
      // The same one again: it was written, and the browser could not say so.
      const again = known?.revision === draft.revision && known?.writer === draft.writer;
      if (known?.finished || (!again && (known?.revision ?? 0) !== draft.revision - 1)) throw new DraftTaken(draft.uuid);
      return [
        store("drafts").put(draft),
        ...entries.map((entry) => store("journal").put({ uuid: draft.uuid, ...entry })),
        ...gone.map((seq) => store("journal").delete([draft.uuid, seq])),
      ];
    },
    { take, written },
  );

/** Put an envelope in the outbox and leave only `stub` of its draft, together; an envelope is never replaced. */
export const sealDraft = (stub, record) =>
  write(["drafts", "journal", "outbox"], async (store) => {
    const sealed = await store("outbox").get(record.uuid);
    return [
      ...(sealed ? [] : [store("outbox").add(record)]),
      store("drafts").put(stub),
      store("journal").delete(journalOf(stub.uuid)),
    ];
  });

/** Forget a draft that was only training. */
export const dropDraft = (uuid) =>
  write(["drafts", "journal"], (store) => [
    store("drafts").delete(uuid),
    store("journal").delete(journalOf(uuid)),
  ]);

export const readRecord = (uuid) => reconnecting((database) => database.get("outbox", uuid));
export const listWaiting = () => reconnecting((database) => database.getAllFromIndex("outbox", "waiting"));
export const countWaiting = () => reconnecting((database) => database.countFromIndex("outbox", "waiting"));
export const listRecords = () => reconnecting((database) => database.getAll("outbox"));
export const saveRecord = (record) => write(["outbox"], (store) => [store("outbox").put(record)]);
export const addRecord = (record) => write(["outbox"], (store) => [store("outbox").add(record)]);

/** Forget everything that this browser keeps for us: whoever calls made sure that nothing is lost. */
export async function eraseAll() {
  (await open()).close();
  opening = null;
  // The copy first: without the original it would be taken for what is left of it.
  await eraseCopy();
  await deleteDB(SHAPE.name);
}
