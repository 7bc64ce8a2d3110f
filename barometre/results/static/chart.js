/** Draws each figure that the page holds as JSON; the table beside it says the same without this module. */

const { Plotly } = globalThis;

for (const place of document.querySelectorAll("[data-figure]")) {
  const { data, layout } = JSON.parse(document.getElementById(place.dataset.figure).textContent);
  // Measured by Plotly: the frame must be on the page before it is drawn in.
  place.hidden = false;
  Plotly.newPlot(place, data, { autosize: true, ...layout }, { displayModeBar: false, responsive: true });
}
