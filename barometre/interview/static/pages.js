// Keeps these pages on the tablet, and lets a new release take over at a calm moment.
import { ask } from "./session.js";
import { listDrafts } from "./store.js";

/** Whether no interview is open in any tab. */
async function isCalm() {
  const { held } = await navigator.locks.query();
  return !held.some(({ name }) => name.startsWith("draft:"));
}

/** How many interviews must be ended first: they were begun with another questionnaire than the next release's. */
export async function countOlder(registration) {
  const next = await ask(registration.waiting, { want: "questionnaire" });
  const drafts = await listDrafts();
  return drafts.filter(({ finished, training, version }) => !finished && !training && version !== next).length;
}

async function takeOver(registration) {
  const { waiting } = registration;
  if (!waiting || !navigator.serviceWorker.controller || !(await isCalm())) return;
  if ((await countOlder(registration)) === 0) waiting.postMessage({ want: "take over" });
}

/** Whether another release took over while this page, which is of the one before, was opening. */
async function isOutdated() {
  return (await caches.keys()).length > 0 && !(await caches.match(import.meta.url));
}

/** Register the worker at `address` for `scope`; its registration once the pages open without a network. */
export async function keepPages(address, scope) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return null;
  const hadPages = Boolean(serviceWorker.controller);
  // What is shown belongs to the release before: once, it is opened anew.
  serviceWorker.addEventListener("controllerchange", () => hadPages && location.reload(), { once: true });
  const registration = await serviceWorker.register(address, { scope, updateViaCache: "none" });
  registration.addEventListener("updatefound", () => {
    const next = registration.installing;
    next.addEventListener("statechange", () => next.state === "installed" && takeOver(registration));
  });
  await takeOver(registration);
  if (hadPages && (await isOutdated())) location.reload();
  return serviceWorker.ready;
}
