// Keeps these pages on the tablet, and lets a new release take over at a calm moment.

/** Whether no interview is open in any tab. */
async function isCalm() {
  const { held } = await navigator.locks.query();
  return !held.some(({ name }) => name.startsWith("draft:"));
}

async function takeOver(registration) {
  if (registration.waiting && navigator.serviceWorker.controller && (await isCalm())) {
    registration.waiting.postMessage("take over");
  }
}

/** Whether another release took over while this page, which is of the one before, was opening. */
async function isOutdated() {
  return (await caches.keys()).length > 0 && !(await caches.match(import.meta.url));
}

/** Register the worker at `address` for `scope`; true once the pages open without a network. */
export async function keepPages(address, scope) {
  const { serviceWorker } = navigator;
  if (!serviceWorker) return false;
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
  await serviceWorker.ready;
  return true;
}
