// A second copy of what the tablet keeps, in a file of its own (another storage bucket).
// After a write that was cut (a dead battery), Chromium goes on in the same log, takes it for damaged the time after,
// and begins an empty database without a word (leveldb's reuse_logs, crbug.com/460568). The two files are never
// written at the same time, so that one of them is whole. Other browsers keep IndexedDB in SQLite: no copy there.
import { wrap } from "./vendor/idb@8.0.4/index.js";

const BUCKET = "copy";
const buckets = navigator.storageBuckets;
let opening = null;

/** Whether this browser can hold one. */
export const canCopy = Boolean(buckets && navigator.locks);

/** One writer at a time in the whole browser: a cut can be in one of the two files only. */
export const alone = (work) => (canCopy ? navigator.locks.request("write", work) : work());

async function open({ name, version, stores, upgrade }) {
  const bucket = await buckets.open(BUCKET, { persisted: true, durability: "strict" });
  const request = bucket.indexedDB.open(name, version);
  request.onupgradeneeded = ({ oldVersion }) => upgrade(wrap(request.result), oldVersion);
  const database = await wrap(request);
  database.onversionchange = forget;
  database.onclose = () => (opening = null);
  return { database, stores };
}

function forget() {
  opening?.then(({ database }) => database.close()).catch(() => {});
  opening = null;
}

/** Open it, unless it is. */
export function openCopy(shape) {
  opening ??= open(shape);
  opening.catch(() => (opening = null));
  return opening;
}

/** Everything in some stores of a database: store → [[key, value]…]. */
async function readAll(database, stores) {
  const transaction = database.transaction(stores);
  const read = async (name) => {
    const store = transaction.objectStore(name);
    const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
    return [name, keys.map((key, place) => [key, values[place]])];
  };
  return Promise.all(stores.map(read));
}

/** Put what `readAll` gave into the stores of a transaction. */
export function putAll(transaction, rows) {
  for (const [name, entries] of rows) {
    const store = transaction.objectStore(name);
    for (const [key, value] of entries) store.put(value, ...(store.keyPath === null ? [key] : []));
  }
}

/** What the copy holds, or null: there is none. */
export async function readCopy(shape) {
  if (!canCopy || !(await buckets.keys()).includes(BUCKET)) return null;
  const { database, stores } = await openCopy(shape);
  return readAll(database, stores);
}

/** Write in the copy, on the disk when the promise resolves; `work` gives whether to keep what it did. */
async function write({ database, stores }, work) {
  const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
  // Told by what is awaited below; by itself it would be told to nobody.
  transaction.done.catch(() => {});
  if (!(await work(transaction))) return false;
  transaction.commit();
  await transaction.done;
  return true;
}

/**
 * Do again in the copy what was done to `original`: `changes` are [store, action, arguments]. `before` and `after`
 * name the states of the original; a copy that is not in the state before is made anew.
 */
export async function follow(shape, original, { before, after, changes }) {
  const copy = await openCopy(shape);
  const followed = await write(copy, async (transaction) => {
    const settings = transaction.objectStore("settings");
    const known = await settings.get(shape.state);
    if (known === undefined || known !== before) return false;
    // It was not there, or the original would have refused.
    for (const [name, action, given] of changes) transaction.objectStore(name)[action.replace("add", "put")](...given);
    if (after !== before) settings.put(after, shape.state);
    return true;
  });
  if (followed) return;
  const whole = await readAll(original, copy.stores);
  await write(copy, (transaction) => {
    for (const name of copy.stores) transaction.objectStore(name).clear();
    putAll(transaction, whole);
    return true;
  });
}

/** Forget it. */
export async function eraseCopy() {
  forget();
  await buckets?.delete(BUCKET);
}
