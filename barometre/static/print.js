/** Before printing: opens what is folded and writes the day in the footer; afterwards folds it again. */

let opened = [];

addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("main details:not([open])")];
  for (const details of opened) details.open = true;
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" }).format(new Date());
  for (const place of document.querySelectorAll("[data-printed]")) place.textContent = day;
});

addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
  opened = [];
});
