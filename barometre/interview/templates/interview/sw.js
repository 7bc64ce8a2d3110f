// The interviewer's pages without a network: one release, kept whole, answers for them until the next is whole.
const CACHE = "interview-" + {{ version | tojson }};
const FILES = {{ files | tojson }};
// What this release asks: a draft of another questionnaire is finished with its own.
const QUESTIONNAIRE = {{ questionnaire | tojson }};

// Who unlocked the tablet, from one page to the next: memory only, never a disk.
let session = null;
let until = 0;

self.addEventListener("install", (event) => {
  // All or nothing, and past the browser's own cache: half a release would break the next start.
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)));
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("interview-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

const wishes = {
  // A new release waits until the page says that the moment is calm.
  "take over": () => self.skipWaiting(),
  questionnaire: () => QUESTIONNAIRE,
  hold: (data) => {
    ({ session, until } = data);
  },
  session: () => (Date.now() < until ? session : null),
  forget: () => {
    session = null;
  },
};

self.addEventListener("message", ({ data, ports }) => {
  const answer = wishes[data.want]?.(data);
  ports[0]?.postMessage(answer);
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  // Whatever is sent, and every other address, goes to the server untouched.
  if (method !== "GET" || origin !== self.location.origin || !FILES.includes(pathname)) return;
  const kept = caches.open(CACHE).then((cache) => cache.match(pathname));
  event.respondWith(kept.then((found) => found ?? fetch(event.request)));
});
