"""The floor of the tablet: the same fields as one static page under our own policy, nothing inline.

One document, one style sheet, one module. An answer is accepted when its event has put it into localStorage,
which waits for no disk: the least that a page can do to keep it.
"""

from __future__ import annotations

from html import escape

from flask import Flask, Response, make_response, request

from barometre.access import HEADERS
from barometre.problems import silent_codes
from barometre.questionnaire.definition import DONT_KNOW, REFUSED, Item, Questionnaire
from tests.benchmarks.data import load_questionnaire

SILENT = {DONT_KNOW: "Ne sait pas", REFUSED: "Ne veut pas répondre"}
STYLE = """
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0 auto; max-inline-size: 45rem; padding: 1rem; }
fieldset { border: 0; margin-block: 0 2rem; padding: 0; }
legend { font-weight: bold; }
label { border: 1px solid; border-radius: .5rem; display: block; margin-block: .5rem; padding: .75rem; }
textarea { font: inherit; inline-size: 100%; }
#state { inset-block-start: 0; position: sticky; }
"""
MODULE = """
const state = document.getElementById("state");
for (const field of document.querySelectorAll("input, textarea")) {
  const kept = localStorage.getItem(field.name);
  if (field.type === "radio") field.checked = field.value === kept;
  else field.value = kept ?? "";
}
document.addEventListener("input", ({ target }) => {
  localStorage.setItem(target.name, target.value);
  state.textContent = "Enregistré sur la tablette";
});
"""
PAGE = """<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Entretien</title>
<link rel="stylesheet" href="/plain.css">
<script type="module" src="/plain.js"></script>
</head>
<body>
<p id="state" role="status"></p>
{fields}
</body>
</html>
"""


def make_app() -> Flask:
    """The page and its two files, with the headers of our own pages."""
    app = Flask(__name__)
    page = write_page(load_questionnaire())

    @app.get("/")
    def document() -> Response:
        response = make_response(page)
        response.headers["Cache-Control"] = "public, no-cache"
        response.add_etag()
        return response.make_conditional(request)

    @app.get("/plain.css")
    def style() -> Response:
        return _keep(make_response(STYLE, {"Content-Type": "text/css; charset=utf-8"}))

    @app.get("/plain.js")
    def module() -> Response:
        return _keep(make_response(MODULE, {"Content-Type": "text/javascript; charset=utf-8"}))

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    return app


def write_page(questionnaire: Questionnaire) -> str:
    """Every item of the questionnaire, in French."""
    return PAGE.format(fields="\n".join(_write_item(questionnaire, item) for item in questionnaire.items))


def _write_item(questionnaire: Questionnaire, item: Item) -> str:
    battery = f"{escape(questionnaire.batteries[item.battery].stem)} " if item.battery else ""
    fields = [
        f'<label><input type="radio" name="{item.id}" value="{code}"> {escape(label)}</label>'
        for code, label in _list_options(questionnaire, item)
    ]
    if not item.closed:
        fields.insert(0, f'<textarea name="{item.id}" rows="3" maxlength="{item.max_length}"></textarea>')
    words = f"{battery}{escape(item.text)}"
    return f"<fieldset><legend>{words}</legend>\n" + "\n".join(fields) + "\n</fieldset>"


def _list_options(questionnaire: Questionnaire, item: Item) -> list[tuple[int, str]]:
    options = [(option.code, option.label) for option in item.scale.options] if item.scale else []
    return options + [(code, SILENT[code]) for code in silent_codes(questionnaire, item)]


def _keep(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
