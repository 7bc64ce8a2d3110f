// Keeps these pages on the tablet, and lets a new release take over at a calm moment.
import { ask, hold } from "./session.js";

const AGAIN = 10_000;

/** Whether no interview is open in any tab. */
async function isCalm() {
  const { held } = await navigator.locks.query();
  return !held.some(({ name }) => name.startsWith("draft:"));
}

async function takeOver(registration) {
  const { waiting } = registration;
  if (waiting && navigator.serviceWorker.controller && (await isCalm())) waiting.postMessage({ want: "take over" });
}

/** Whether no worker makes way for another: a message at that moment would keep it there. */
export const isSettled = ({ installing, waiting }) => !installing && !waiting;

/** Open this page anew; whoever has unlocked the tablet is made known to the worker that took over. */
async function openAnew() {
  await hold();
  location.reload();
}

/** The same, once, if another release took over while this page was opening. */
async function openAnewIfOutdated() {
  const path = new URL(import.meta.url).pathname;
  const served = await ask(navigator.serviceWorker.controller, { want: "served", path });
  if (served !== false || sessionStorage.getItem("opened anew") === path) return;
  sessionStorage.setItem("opened anew", path);
  await openAnew();
}

/** Register the worker at `address` for `scope`; its registration once the pages open without a network. */
export async function keepPages(address, scope) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return null;
  const hadPages = Boolean(serviceWorker.controller);
  // What is shown belongs to the release before: once, it is opened anew.
  serviceWorker.addEventListener("controllerchange", () => hadPages && openAnew(), { once: true });
  const registration = await serviceWorker.register(address, { scope, updateViaCache: "none" });
  const watch = () => {
    const next = registration.installing;
    next?.addEventListener("statechange", () => next.state === "installed" && takeOver(registration));
  };
  registration.addEventListener("updatefound", watch);
  // The browser may have found one while this page was opening.
  watch();
  // Asked for by us: browsers look for a new release when it suits them. Without a network there is none.
  registration.update().catch(() => {});
  // The moment may become calm later, or the older worker not have been ready to go.
  setInterval(takeOver, AGAIN, registration);
  await takeOver(registration);
  if (hadPages && isSettled(registration)) await openAnewIfOutdated();
  return serviceWorker.ready;
}
