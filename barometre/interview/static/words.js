// What the interviewer is told: the messages of the document, filled in.

/** What the document says of itself: items, languages, addresses, messages. */
export const definition = JSON.parse(document.getElementById("definition").textContent);

const language = document.querySelector("title").lang;

/** A message with its {braces} filled in. */
export function say(key, values = {}) {
  return definition.messages[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** A message about a number of things. */
export function count(key, number, values = {}) {
  const one = new Intl.PluralRules(language).select(number) === "one";
  return say(`${key}_${one ? "one" : "other"}`, { number, ...values });
}

/** A moment as the interviewer's language writes it. */
export function moment(iso) {
  const style = { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, style).format(new Date(iso));
}
