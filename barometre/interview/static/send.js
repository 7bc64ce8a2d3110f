// Sends the outbox, one envelope at a time; only a matching receipt counts as sent.
import { listRecords, listWaiting, readSetting, saveRecord, writeSetting } from "./store.js";
import { definition } from "./words.js";

const RECEIPTS = ["stored", "already_received", "conflict", "quarantined"];
const FIRST_DELAY = 5_000;
const LONGEST_DELAY = 300_000;
const PATIENCE = 30_000;

/** What came of one attempt: {receipt, problem}; a problem is the key of a message. */
async function put(address, record, token) {
  // Pages of an older release kept envelopes that are not sealed.
  const type = record.bytes.startsWith("{") ? "application/json" : "application/jose";
  let response;
  try {
    response = await fetch(address + record.uuid, {
      method: "PUT",
      headers: { "Content-Type": type, Authorization: `Bearer ${token}` },
      body: record.bytes,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return { receipt: null, problem: "offline" };
  }
  if (response.status === 401) return { receipt: null, problem: "refused" };
  // A captive portal also says 200: only the server knows our hash.
  const receipt = await response.json().catch(() => null);
  const ours = receipt?.uuid === record.uuid && receipt.sha256 === record.sha256;
  const kept = [200, 201].includes(response.status) && ours && RECEIPTS.includes(receipt.status);
  return kept ? { receipt, problem: null } : { receipt: null, problem: "kept" };
}

async function sendAll(address) {
  const device = await readSetting("device");
  const problems = [];
  for (const record of device ? await listWaiting() : []) {
    record.attempts += 1;
    // Marked before it is tried, so that an attempt cut short is known; a full tablet sends without the mark.
    await saveRecord(record).catch(console.error);
    const outcome = await put(address, record, device.token);
    Object.assign(record, outcome);
    if (outcome.receipt) delete record.waiting;
    // A receipt that could not be noted is asked for again: the server knows what it has.
    await saveRecord(record).catch(() => problems.push("narrow"));
    if (outcome.problem) problems.push(outcome.problem);
  }
  if (device) await letGo(address, device.token);
  return problems;
}

/**
 * Drop the bytes of what a backup holds; the receipt stays. Each is sent once more first: a server that was
 * restored from an older backup gets back what it had lost, and only a receipt of now lets the bytes go.
 */
async function letGo(address, token) {
  const held = (await listRecords()).filter(({ bytes, receipt }) => bytes && receipt);
  const mark = held.length ? await askMark() : 0;
  for (const record of held.filter(({ receipt }) => receipt.seq <= mark)) {
    const { receipt } = await put(address, record, token);
    if (!receipt) return;
    const safe = receipt.seq <= receipt.backed_up_seq;
    await saveRecord({ ...record, receipt, bytes: safe ? null : record.bytes });
  }
}

/** What the server says of itself, null without an answer of ours; the clocks are compared on the way. */
export async function askServer() {
  try {
    const response = await fetch(definition.ping, { credentials: "omit", cache: "no-store" });
    const said = await response.json();
    if (said.barometre !== "intake") return null;
    await writeSetting("ahead", Date.now() - Date.parse(said.now));
    return said;
  } catch {
    return null;
  }
}

/** How far the server is backed up, 0 without an answer of ours. */
async function askMark() {
  const { backed_up_seq: mark } = (await askServer()) ?? {};
  return Number.isInteger(mark) ? mark : 0;
}

/**
 * Send now, and again whenever there is a reason to hope: network back, page looked at again, time passed.
 * `changed(problems)` is called after each round. Returns the function that sends now.
 */
export function keepSending(address, changed) {
  let delay = FIRST_DELAY;
  let timer;

  async function round() {
    clearTimeout(timer);
    let problems = ["kept"];
    try {
      // One tab sends at a time; the server would recognise a second copy, but the network is slow.
      problems = await navigator.locks.request("send", () => sendAll(address));
      await changed(problems);
    } catch (error) {
      console.error(error);
    }
    if (problems.length === 0) return;
    timer = setTimeout(round, delay * (0.5 + Math.random() / 2));
    delay = Math.min(2 * delay, LONGEST_DELAY);
  }

  function now() {
    delay = FIRST_DELAY;
    return round();
  }

  addEventListener("online", now);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && now());
  return now;
}
