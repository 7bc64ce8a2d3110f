"""The survey described for archives: a DDI-Codebook 2.5 document (DDI Alliance, January 2012), no statistics.

Elements stand in the order of that version's schema; `tests/results/ddi.py` holds it.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from barometre.i18n import say, speak, tell
from barometre.problems import label_silent, silent_codes
from barometre.questionnaire.definition import Battery, Item, Questionnaire
from barometre.questionnaire.town import Town
from barometre.results.files.row import flatten
from barometre.results.files.rows import LANGUAGE
from barometre.results.files.tables import list_notices
from barometre.results.labels import label_codes
from barometre.results.sources import Published

NAMESPACE = "ddi:codebook:2_5"
EVERYBODY = "Toutes les personnes interrogées"
INTERVIEWER = "Noté par l’enquêteur, sans question"


def write_codebook(town: Town, published: Published, *, simulated: bool) -> bytes:
    """The current wave: who asked whom, how, and every question with its answers, in XML."""
    with speak(LANGUAGE):
        root = Element("codeBook", {"xmlns": NAMESPACE, "version": "2.5", "xml:lang": LANGUAGE})
        study = SubElement(root, "stdyDscr")
        _cite(study, town, published, simulated)
        _inform(study, town, published, simulated)
        _explain_method(study, town)
        _open_access(study, town)
        data = SubElement(root, "dataDscr")
        asked = town.current_wave.questionnaire
        for battery in asked.batteries.values():
            _group_rows(data, asked, battery)
        for item in asked.items:
            _describe_variable(data, town, item)
    for element in root.iter():
        element.text = flatten(element.text) if element.text else None
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add(parent: Element, name: str, text: str = "", /, **attributes: str) -> Element:
    element = SubElement(parent, name, attributes)
    element.text = text
    return element


def _cite(study: Element, town: Town, published: Published, simulated: bool) -> None:
    date = published.day.isoformat()
    citation = _add(study, "citation")
    title = _add(citation, "titlStmt")
    name = f"{tell(town.barometer_name)}, {town.name}, {town.current_wave.id}"
    _add(title, "titl", f"{name} (données simulées)" if simulated else name)
    _add(title, "IDNo", f"barometre-{town.slug}-{town.current_wave.id}")
    _add(_add(citation, "rspStmt"), "AuthEnty", tell(town.organisation))
    produced = _add(citation, "prodStmt")
    _add(produced, "producer", tell(town.organisation))
    _add(produced, "prodDate", date, date=date)
    _add(_add(citation, "verStmt"), "version", f"Publication du {date}", date=date)


def _inform(study: Element, town: Town, published: Published, simulated: bool) -> None:
    info = _add(study, "stdyInfo")
    subject = _add(info, "subject")
    for theme in town.themes:
        _add(subject, "topcClas", tell(theme.title))
    _add(info, "abstract", " ".join([*list_notices(published, simulated), _read(town, "strategy")]))
    summary = _add(info, "sumDscr")
    _add(summary, "timePrd", town.current_wave.id, date=town.current_wave.id)
    _add(summary, "collDate", _read(town, "dates"))
    _add(summary, "nation", "France", abbr="FR")
    _add(summary, "geogCover", town.name)
    for quartier in town.quartiers:
        _add(summary, "geogUnit", quartier.name)
    _add(summary, "anlyUnit", "Personne")
    _add(summary, "universe", _read(town, "population"))
    _add(summary, "dataKind", "Enquête par questionnaire")


def _explain_method(study: Element, town: Town) -> None:
    """The headings of the page on method, where this standard puts them."""
    method = _add(study, "method")
    collected = _add(method, "dataColl")
    _add(collected, "dataCollector", _read(town, "sponsor"))
    _add(collected, "sampProc", _read(town, "sample"))
    _add(collected, "collMode", _read(town, "mode"))
    _add(collected, "resInstru", _read(town, "wording"))
    _add(collected, "weight", _read(town, "weighting"))
    _add(collected, "cleanOps", _read(town, "processing"))
    _add(method, "notes", _read(town, "limits"))
    _add(_add(method, "anlyInfo"), "EstSmpErr", _read(town, "size"))


def _open_access(study: Element, town: Town) -> None:
    use = _add(_add(study, "dataAccs"), "useStmt")
    _add(use, "restrctn", "Les réponses une à une ne sont pas publiées.")
    _add(use, "conditions", f"Licence : {town.licence.name or 'à préciser'}.")


def _group_rows(data: Element, asked: Questionnaire, battery: Battery) -> None:
    """The questions that share a stem."""
    rows = [_name_variable(item) for item in asked.items if item.battery == battery.id]
    group = _add(data, "varGrp", ID=f"g-{battery.id}", type="grid", var=" ".join(rows))
    _add(group, "labl", say(f"battery:{battery.id}", battery.stem))


def _name_variable(item: Item) -> str:
    return f"v-{item.id}"


def _describe_variable(data: Element, town: Town, item: Item) -> None:
    asked, indicator = town.current_wave.questionnaire, town.indicator_of.get(item.id)
    variable = _add(data, "var", ID=_name_variable(item), name=item.id)
    if item.scale is not None:
        variable.set("nature", item.scale.type)
    variable.set("representationType", "code" if item.closed else "text")
    _add(variable, "labl", tell(indicator.label) if indicator else say(item.id, item.text))
    if item.recorded:
        _add(variable, "respUnit", INTERVIEWER)
    _quote_question(variable, asked, item)
    _add(variable, "universe", _write_universe(asked, item))
    if item.scale is not None:
        for option in item.scale.options:
            label = say(f"{item.scale.id}:{option.code}", option.label)
            _add_category(variable, option.code, label)
        for code in silent_codes(asked, item):
            _add_category(variable, code, label_silent(code)).set("missing", "Y")
    _add(variable, "varFormat", type="numeric" if item.closed else "character")


def _quote_question(variable: Element, asked: Questionnaire, item: Item) -> None:
    """What is read aloud and what the interviewer is told; a fact that is noted may have neither."""
    if item.recorded and not item.note:
        return
    question = _add(variable, "qstn")
    battery = asked.batteries.get(item.battery or "")
    if battery:
        _add(question, "preQTxt", say(f"battery:{battery.id}", battery.stem))
    if not item.recorded:
        _add(question, "qstnLit", say(item.id, item.text))
    if item.note:
        _add(question, "ivuInstr", say(f"{item.id}:note", item.note))


def _add_category(variable: Element, code: int, label: str) -> Element:
    category = _add(variable, "catgry")
    _add(category, "catValu", str(code))
    _add(category, "labl", label)
    return category


def _write_universe(asked: Questionnaire, item: Item) -> str:
    """Who was asked."""
    if item.when is None:
        return EVERYBODY
    other = asked.by_id[item.when.item]
    assert other.scale is not None
    return (
        f"Personnes qui ont répondu « {label_codes(other.scale, item.when.codes)} » "
        f"à « {say(other.id, other.text)} »"
    )


def _read(town: Town, heading: str) -> str:
    """What the town says of one heading of the method for its current wave."""
    found = next((method for method in town.method if method.id == heading), None)
    return tell(found.texts.get(town.current_wave.id, "")) if found else ""
