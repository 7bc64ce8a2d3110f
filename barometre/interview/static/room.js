// Whether the tablet has room for one more interview: asked before it begins, never inside it.

const FULL = 0.95;
const NARROW = 0.8;
//: bytes: an interview with its journal takes some hundred kilobytes at most
const LEAST = 10_000_000;

/** "free", "narrow" or "full"; a browser that does not tell is taken at its word. */
export async function measureRoom() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (!quota) return "free";
  if (usage / quota > FULL || quota - usage < LEAST) return "full";
  return usage / quota > NARROW ? "narrow" : "free";
}
