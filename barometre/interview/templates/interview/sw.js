// The interviewer's pages without a network: one release, kept whole, answers for them until the next is whole.
const PREFIX = "interview-";
// What a release asks stands in its name: a draft of another questionnaire is finished with its own.
const CACHE = PREFIX + {{ version | tojson }} + "." + {{ questionnaire | tojson }};
const FILES = {{ files | tojson }};

// Who unlocked the tablet, from one page to the next: memory only, never a disk.
let held = { session: null, from: 0, until: 0 };

async function fetchAll() {
  const cache = await caches.open(CACHE);
  // All or nothing, and past the browser's own cache: half a release would break the next start.
  await cache.addAll(FILES.map((file) => new Request(file, { cache: "reload" })));
  for (const file of FILES.filter((name) => name.endsWith("/"))) {
    const page = await (await cache.match(file)).text();
    const script = /<script type="module" src="([^"]+)"/.exec(page)?.[1];
    // A page of another release, from a server that is being replaced: the next visit tries again.
    if (script && !FILES.includes(script)) throw new Error(`${file} is of another release`);
  }
}

self.addEventListener("install", (event) => {
  const undo = async (error) => {
    await caches.delete(CACHE);
    throw error;
  };
  event.waitUntil(fetchAll().catch(undo));
});

/** Questionnaires that interviews under way were begun with; a tablet that keeps nothing yet has none. */
function listBegun() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("barometre");
    // Only pages make the database: one made here would be without its stores.
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => (opening.error.name === "AbortError" ? resolve([]) : reject(opening.error));
    opening.onsuccess = () => {
      const database = opening.result;
      if (!database.objectStoreNames.contains("drafts")) return resolve([]);
      const reading = database.transaction("drafts").objectStore("drafts").getAll();
      reading.onsuccess = () => resolve(reading.result.filter(({ finished }) => !finished).map(({ version }) => version));
      reading.onerror = () => reject(reading.error);
      reading.transaction.oncomplete = () => database.close();
    };
  });
}

async function tidy() {
  const begun = await listBegun().catch(() => null);
  for (const name of await caches.keys()) {
    // Whoever cannot tell what is needed throws nothing away.
    const needed = begun === null || begun.some((version) => name.endsWith(`.${version}`));
    if (name.startsWith(PREFIX) && name !== CACHE && !needed) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener("activate", (event) => event.waitUntil(tidy()));

// A clock that was put back says nothing of how long it has been.
const isNow = ({ from, until }) => from <= Date.now() && Date.now() < until;
const wishes = {
  // A new release waits until the page says that the moment is calm.
  "take over": () => self.skipWaiting(),
  served: ({ path }) => FILES.includes(path),
  hold: ({ session, lasts }) => {
    const from = Date.now();
    held = { session, from, until: from + lasts };
  },
  session: () => (isNow(held) ? held.session : null),
  forget: () => {
    held = { session: null, from: 0, until: 0 };
  },
};

self.addEventListener("message", ({ data, ports }) => {
  const answer = wishes[data.want]?.(data);
  ports[0]?.postMessage(answer);
});

/** A file of this release, or of an older one: of the one that holds the wanted questionnaire. */
async function findKept(pathname, questionnaire) {
  if (!questionnaire) return FILES.includes(pathname) ? (await caches.open(CACHE)).match(pathname) : caches.match(pathname);
  const older = (await caches.keys()).find((name) => name.endsWith(`.${questionnaire}`));
  return (await caches.open(older ?? CACHE)).match(pathname);
}

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname, searchParams } = new URL(url);
  // Whatever is sent, and every other address, goes to the server untouched.
  const ours = FILES.includes(pathname) || /^\/(?:static|interview\/scripts)\//.test(pathname);
  if (method !== "GET" || origin !== self.location.origin || !ours) return;
  const kept = findKept(pathname, searchParams.get("questionnaire"));
  event.respondWith(kept.then((found) => found ?? fetch(event.request)));
});
