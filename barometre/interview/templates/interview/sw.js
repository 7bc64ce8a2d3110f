// The interviewer's pages without a network: one release, kept whole, answers for them until the next is whole.
const CACHE = "interview-" + {{ version | tojson }};
const FILES = {{ files | tojson }};

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

// A new release waits until the page says that the moment is calm.
self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  // Whatever is sent, and every other address, goes to the server untouched.
  if (method !== "GET" || origin !== self.location.origin || !FILES.includes(pathname)) return;
  const kept = caches.open(CACHE).then((cache) => cache.match(pathname));
  event.respondWith(kept.then((found) => found ?? fetch(event.request)));
});
