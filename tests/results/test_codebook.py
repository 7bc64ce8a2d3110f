"""The description for archives: every element where DDI-Codebook 2.5 wants it, and no statistic."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from barometre.questionnaire.definition import MISSING_CODES
from tests.results.files_read import address_of, fetch, release
from tests.support import make_app

DDI = "{ddi:codebook:2_5}"
#: what an element may hold, in that order (DDI-Codebook 2.5); an element that is not a key holds words only
ORDER = {
    "codeBook": "docDscr stdyDscr fileDscr dataDscr otherMat",
    "stdyDscr": "citation studyAuthorization stdyInfo studyDevelopment method dataAccs othrStdyMat notes",
    "citation": "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes",
    "titlStmt": "titl subTitl altTitl parTitl IDNo",
    "rspStmt": "AuthEnty othId",
    "prodStmt": "producer copyright prodDate prodPlac software fundAg grantNo",
    "verStmt": "version verResp notes",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation",
    "subject": "keyword topcClas",
    "sumDscr": "timePrd collDate nation geogCover geogUnit geoBndBox boundPoly anlyUnit universe dataKind",
    "method": "dataColl notes anlyInfo stdyClas dataProcessing codingInstructions",
    "dataColl": "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame targetSampleSize "
    "deviat collMode resInstru instrumentDevelopment sources collSitu actMin ConOps weight cleanOps",
    "anlyInfo": "respRate EstSmpErr dataAppr",
    "dataAccs": "setAvail useStmt notes",
    "useStmt": "confDec specPerm restrctn contact citReq deposReq conditions disclaimer",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "var": "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng undocCod "
    "universe TotlResp sumStat txt stdCatgry catgryGrp catgry codInstr verStmt concept derivation varFormat "
    "geoMap catLevel notes",
    "qstn": "preQTxt qstnLit postQTxt forward backward ivuInstr",
    "catgry": "catValu labl txt catStat mrow",
}
#: attributes that we use, and those that a standard wants
ATTRIBUTES = {
    "codeBook": {"version", "{http://www.w3.org/XML/1998/namespace}lang"},
    "prodDate": {"date"},
    "version": {"date"},
    "timePrd": {"date"},
    "nation": {"abbr"},
    "var": {"ID", "name", "intrvl"},
    "catgry": {"missing"},
    "varFormat": {"type"},
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('ddi') / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def book(app: Flask) -> Element:
    """The document, parsed."""
    return ElementTree.fromstring(fetch(app.test_client(), address_of(app, "ddi.xml")))


def test_every_element_stands_where_the_standard_wants_it(book: Element) -> None:
    assert book.tag == f"{DDI}codeBook"
    for element in book.iter():
        assert element.tag.startswith(DDI)
        name = element.tag.removeprefix(DDI)
        children = [child.tag.removeprefix(DDI) for child in element]
        allowed = ORDER.get(name, "").split()
        assert set(children) <= set(allowed), name
        assert children == sorted(children, key=allowed.index), name
        assert set(element.attrib) <= ATTRIBUTES.get(name, set()), name
        if name not in ORDER and name != "varFormat":
            assert (element.text or "").strip(), f"{name} is empty"


def test_identifiers_are_unique_and_variables_have_names(book: Element) -> None:
    variables = book.findall(f".//{DDI}var")
    names = [variable.get("ID") for variable in variables]
    assert len(names) == len(set(names))
    assert all(variable.get("name") for variable in variables)


def test_every_question_is_there_with_its_answers_and_missing_codes(app: Flask, book: Element) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    variables = {variable.get("name"): variable for variable in book.findall(f".//{DDI}var")}
    assert list(variables) == [item.id for item in asked.items]
    for item in asked.items:
        variable = variables[item.id]
        assert variable.findtext(f"{DDI}qstn/{DDI}qstnLit")
        assert variable.findtext(f"{DDI}universe")
        assert (variable.find(f"{DDI}qstn/{DDI}preQTxt") is not None) == (item.battery is not None)
        codes = {
            int(category.findtext(f"{DDI}catValu", "")): category.get("missing")
            for category in variable.findall(f"{DDI}catgry")
        }
        assert {code for code, missing in codes.items() if missing is None} == (
            item.scale.codes if item.scale else frozenset()
        )
        assert {code for code, missing in codes.items() if missing} <= set(MISSING_CODES)


def test_a_question_put_to_some_says_to_whom(app: Flask, book: Element) -> None:
    conditional = [item for item in app.extensions["town"].current_wave.questionnaire.items if item.when]
    assert conditional
    for item in conditional:
        said = book.findtext(f".//{DDI}var[@name='{item.id}']/{DDI}universe") or ""
        assert "ont répondu" in said, item.id


def test_it_holds_no_statistic(book: Element) -> None:
    for name in ("catStat", "sumStat", "TotlResp", "respRate"):
        assert book.find(f".//{DDI}{name}") is None, name


def test_it_says_that_the_answers_are_simulated(book: Element) -> None:
    assert "simulées" in (book.findtext(f".//{DDI}titl") or "")
    assert "simulées" in (book.findtext(f".//{DDI}abstract") or "")
