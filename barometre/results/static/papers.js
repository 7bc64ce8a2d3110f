/** Makes a paper without leaving the page: a bar while it is made, then in words what became of it. */

const { dataset: words } = document.getElementById("paper-words");

/** A server that answered, and not with a paper: `told` is the sentence that says what to do. */
class NoPaper extends Error {
  constructor(told) {
    super(told);
    this.told = told;
  }
}

async function fetchPaper(address) {
  const answer = await fetch(address, { cache: "no-store" });
  const kind = answer.headers.get("Content-Type") ?? "";
  // Who is no longer signed in is led to a page that asks for a password.
  if (answer.status === 401 || answer.status === 403 || (answer.ok && kind.startsWith("text/html"))) {
    throw new NoPaper(words.signedOut);
  }
  if (answer.status === 404) throw new NoPaper(words.gone);
  if (!answer.ok) throw new NoPaper(words.failed);
  const [, name = ""] = /filename="?([^";]+)/.exec(answer.headers.get("Content-Disposition") ?? "") ?? [];
  return { name, body: await answer.blob() };
}

function hand({ name, body }) {
  const address = URL.createObjectURL(body);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  // The browser reads it after this turn; a minute is enough, and then the memory is free again.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function make(link, status) {
  // Isolated: a French name in an Arabic sentence, or the other way round, keeps to its place.
  const title = `\u2068${link.textContent.trim()}\u2069`;
  const say = (told, failed) => {
    status.classList.toggle("paper-status--failed", failed);
    status.textContent = told.replace("{title}", title);
  };
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", words.making.replace("{title}", title));
  link.setAttribute("aria-disabled", "true");
  link.after(bar);
  say(words.making, false);
  try {
    hand(await fetchPaper(link.href));
    say(words.ready, false);
  } catch (problem) {
    say(problem.told ?? words.unreachable, true);
  } finally {
    bar.remove();
    link.removeAttribute("aria-disabled");
  }
}

// What the page says to whoever has no such module.
for (const said of document.querySelectorAll("[data-still]")) said.remove();

for (const list of document.querySelectorAll(".paper-languages")) {
  // It stands there empty before anything is said in it: a screen reader listens to what is already known.
  const status = list.nextElementSibling;
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!link.hasAttribute("aria-disabled")) make(link, status);
  });
}
