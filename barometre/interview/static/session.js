// Who has unlocked this tablet: kept in memory only, from one page to the next by the service worker.
import { definition } from "./words.js";

//: milliseconds without a touch after which the code is asked again
const PATIENCE = 120_000;
const BEAT = 20_000;
const ANSWER = 3_000;

let session = null;
let touched = Date.now();
let heart;
let leaving = () => {};

// What one page locks is locked on every other one, which has nobody to tell.
let told = false;
const channel = new BroadcastChannel("lock");
channel.onmessage = () => {
  if (!session) return;
  told = true;
  leaving();
};

async function findWorker() {
  const registration = await navigator.serviceWorker?.getRegistration(definition.tour);
  return registration?.active;
}

/** Ask a worker something; null without an answer. */
export function ask(worker, question) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, ANSWER, null);
    worker.postMessage(question, [port2]);
  });
}

/** {interviewer, key} of whoever unlocked, or null. */
export async function recall() {
  if (session) return session;
  const worker = await findWorker();
  session = worker ? await ask(worker, { want: "session" }) : null;
  if (session) stayAwake();
  return session;
}

/** Somebody gave the right code. */
export async function unlock(interviewer, key) {
  channel.postMessage(null);
  session = { interviewer, key };
  touched = Date.now();
  stayAwake();
  await hold();
}

/** Nobody reads a draft any more until a code is given. */
export async function lock() {
  clearInterval(heart);
  if (session && !told) await withhold();
  told = false;
  session = null;
}

/** Keep the key to this page: whoever holds the tablet now finds a code on every other one. */
export async function withhold() {
  clearInterval(heart);
  channel.postMessage(null);
  (await findWorker())?.postMessage({ want: "forget" });
}

/** Give the worker the key: without work it is stopped and forgets, so it is told again while somebody is there. */
export async function hold() {
  if (session) (await findWorker())?.postMessage({ want: "hold", session, lasts: touched + PATIENCE - Date.now() });
}

function stayAwake() {
  clearInterval(heart);
  heart = setInterval(hold, BEAT);
}

/** Call `leave` after two minutes without a touch, here or away, and when another page locks the tablet. */
export function lockWhenLeft(leave) {
  leaving = leave;
  const touch = () => (touched = Date.now());
  for (const sign of ["pointerdown", "keydown", "scroll"]) addEventListener(sign, touch, { capture: true, passive: true });
  // A clock that was put back says nothing of how long it has been.
  const isLeft = () => Date.now() - touched > PATIENCE || Date.now() < touched;
  const check = () => session && isLeft() && leave();
  setInterval(check, 1_000);
  document.addEventListener("visibilitychange", check);
}
