// Seals words for the server alone: JWE (RFC 7516) with ECDH-ES, A256GCM and DEFLATE, made by the browser's own WebCrypto.
const { subtle } = crypto;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const BITS = 256;
//: bytes: no interview is longer, and the server inflates no more than it lets in
const LONGEST = 200_000;
const utf8 = new TextEncoder();

function toBase64url(bytes) {
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function concatenate(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

const number = (value) => new Uint8Array(new Uint32Array([value]).buffer).reverse();
const measured = (bytes) => concatenate(number(bytes.length), bytes);

/** Smaller, for a thin network: where the browser can, and as long as the server would open it. */
async function deflate(plain) {
  if (!globalThis.CompressionStream || plain.length > LONGEST) return null;
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The content key that a shared secret gives: one round of Concat KDF (RFC 7518, 4.6.2), `parties` named or not. */
export async function deriveKey(secret, algorithm, bits = BITS, parties = ["", ""]) {
  const names = [algorithm, ...parties].map((name) => measured(utf8.encode(name)));
  const key = await subtle.digest("SHA-256", concatenate(number(1), secret, ...names, number(bits)));
  return new Uint8Array(key, 0, bits / 8);
}

/** `text` as a compact JWE that only the holder of the private key of `jwk` (public, with its kid) opens. */
export async function sealFor({ kid, kty, crv, x, y }, text) {
  const theirs = await subtle.importKey("jwk", { kty, crv, x, y }, CURVE, false, []);
  const ours = await subtle.generateKey(CURVE, true, ["deriveBits"]);
  const secret = new Uint8Array(await subtle.deriveBits({ name: "ECDH", public: theirs }, ours.privateKey, BITS));
  const epk = await subtle.exportKey("jwk", ours.publicKey);
  const plain = utf8.encode(text);
  const smaller = await deflate(plain);
  const about = {
    alg: "ECDH-ES",
    enc: "A256GCM",
    ...(smaller && { zip: "DEF" }),
    kid,
    epk: { kty: epk.kty, crv: epk.crv, x: epk.x, y: epk.y },
  };
  const head = toBase64url(utf8.encode(JSON.stringify(about)));
  const content = await subtle.importKey("raw", await deriveKey(secret, about.enc), "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const encryption = { name: "AES-GCM", iv, additionalData: utf8.encode(head) };
  const sealed = new Uint8Array(await subtle.encrypt(encryption, content, smaller ?? plain));
  return [head, "", ...[iv, sealed.slice(0, -16), sealed.slice(-16)].map(toBase64url)].join(".");
}
