// Shows one screen at a time, says where we are, and moves the focus to what is asked.
import { definition, say } from "./words.js";

export const LANGUAGE = ".langue";
export const LOCK = ".verrou";
export const CONSENT = ".accord";
export const HANDOVER = ".remise";
export const SUMMARY = ".recapitulatif";
export const STOP = ".arret";
export const END = ".fin";

const byId = (id) => document.getElementById(id);
const screens = new Map(
  [...document.querySelectorAll("[data-screen]")].map((screen) => [screen.dataset.screen, screen]),
);
const kinds = {
  start: [],
  lock: [],
  trouble: [],
  end: [],
  consent: ["back", "stop"],
  handover: ["back", "stop"],
  stop: ["back", "next"],
  alone: ["back", "next", "stop"],
};
const items = ["back", "next", "stop"];
const name = document.title;
const elsewhere = byId("place").textContent;
const stopWords = byId("stop").textContent;

/** The element of a screen, or undefined when there is none of that name. */
export const screenOf = (id) => screens.get(id);

/** Name of the screen that is shown. */
export const shown = () => [...screens.keys()].find((id) => !screens.get(id).hidden);

/**
 * Show a screen; `route` are the ids on the route, for the count of questions. While somebody answers `alone`
 * the page speaks to them and offers nothing of the interviewer's: to stop is to give the tablet back.
 */
export function show(id, route = [], { alone = false } = {}) {
  const shown = screens.get(id);
  for (const screen of screens.values()) screen.hidden = screen !== shown;
  const { kind, next } = shown.dataset;
  const controls = kinds[alone ? "alone" : kind] ?? items;
  byId("back").hidden = !controls.includes("back") || (alone && route[0] === id);
  byId("next").hidden = !controls.includes("next");
  speak(byId("next"), "next", alone, next);
  speak(byId("back"), "back", alone);
  speak(byId("stop"), "stop", alone, stopWords);
  document.body.classList.toggle("alone", alone);
  const { dir } = alone ? document.documentElement : document.querySelector("title");
  for (const part of [byId("steps"), shown.querySelector(".silent")]) part?.setAttribute("dir", dir);
  byId("steps").hidden = controls.length === 0;
  byId("stop").hidden = !controls.includes("stop");
  byId("languages").hidden = !["consent", "item", "summary"].includes(kind);
  document.body.dataset.kind = kind;
  explain("");

  const heading = shown.querySelector("h1");
  const place = kind === "item" ? placeOf(id, route, alone) : "";
  byId("progress").hidden = !place;
  byId("place").textContent = place || elsewhere;
  document.title = place ? `${place} – ${name}` : name;
  byId("announcement").textContent = place;
  scrollTo(0, 0);
  byId("stage").scrollTop = 0;
  heading.focus({ preventScroll: true });
}

/** A button's words: the respondent's while they answer alone, else the interviewer's. */
function speak(button, key, alone, words) {
  button.textContent = alone ? definition.spoken[key] : (words ?? say(key));
  if (alone) button.lang = definition.language;
  else button.removeAttribute("lang");
}

/** After an interview: what neighbours said last time, in the person's quartier; null for nothing. */
export function giveBack(quartier) {
  const blocks = [...document.querySelectorAll("[data-give-back]")];
  const own = blocks.find((block) => block.dataset.giveBack === String(quartier));
  for (const block of blocks) block.hidden = quartier === null || block !== (own ?? blocks.at(-1));
}

function placeOf(id, route, alone) {
  const number = route.indexOf(id) + 1;
  byId("progress").max = route.length;
  byId("progress").value = number;
  if (alone) return `${number} / ${route.length}`;
  return say("question", { number, total: route.length });
}

/** Say why « Suivant » does not move on, in a language that is not the interviewer's; an empty text takes it back. */
export function explain(text, language = null) {
  const problem = byId("problem");
  problem.textContent = text;
  if (language) problem.lang = language;
  else problem.removeAttribute("lang");
}

/** Let « Suivant » look as if it waits for an answer; it stays usable, to explain itself. */
export function markReady(ready) {
  byId("next").classList.toggle("button--waiting", !ready);
}

/** Put a kept answer back into an item's screen; words and codes exclude each other. `except` is in use. */
export function fill(item, answer, except) {
  for (const field of screens.get(item).querySelectorAll("input, textarea")) {
    if (field === except) continue;
    if (field.type === "radio") field.checked = String(answer?.code) === field.value;
    else field.value = answer?.text ?? "";
  }
}

/** Every item of the document, in the order asked. */
export const itemOf = new Map(definition.items.map((item) => [item.id, item]));
