"""What the schema of DDI-Codebook 2.5 says of the elements that we use.

Source: DDI Alliance, codebook.xsd of version 2.5 (17 January 2012), read element by element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

NAMESPACE = "{ddi:codebook:2_5}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

#: elements that hold elements only: which ones, in that order; ? at most one, * any number, + one or more.
#: A citation may end with elements of the Dublin Core, which we do not use.
CHILDREN = {
    "codeBook": "docDscr* stdyDscr+ fileDscr* dataDscr* otherMat*",
    "stdyDscr": "citation+ studyAuthorization* stdyInfo* studyDevelopment* method* dataAccs* othrStdyMat* "
    "notes*",
    "citation": "titlStmt rspStmt? prodStmt? distStmt? serStmt* verStmt* biblCit? holdings* notes*",
    "titlStmt": "titl subTitl* altTitl* parTitl* IDNo*",
    "rspStmt": "AuthEnty* othId*",
    "prodStmt": "producer* copyright? prodDate* prodPlac* software* fundAg* grantNo*",
    "verStmt": "version? verResp? notes*",
    "stdyInfo": "studyBudget* subject* abstract* sumDscr* qualityStatement? notes* exPostEvaluation*",
    "subject": "keyword* topcClas*",
    "sumDscr": "timePrd* collDate* nation* geogCover* geogUnit* geoBndBox? boundPoly? anlyUnit* universe* "
    "dataKind*",
    "method": "dataColl* notes* anlyInfo? stdyClas? dataProcessing* codingInstructions*",
    "dataColl": "timeMeth* dataCollector* collectorTraining* frequenc* sampProc* sampleFrame* "
    "targetSampleSize* deviat* collMode* resInstru* instrumentDevelopment* sources? collSitu* actMin* "
    "ConOps* weight* cleanOps*",
    "anlyInfo": "respRate* EstSmpErr* dataAppr*",
    "dataAccs": "setAvail* useStmt* notes*",
    "useStmt": "confDec? specPerm? restrctn? contact* citReq? deposReq? conditions? disclaimer?",
    "dataDscr": "varGrp* nCubeGrp* var* nCube* notes*",
    "varGrp": "labl* txt* concept* defntn? universe? notes*",
    "var": "location* labl* imputation? security? embargo? respUnit? anlysUnit? qstn* valrng* invalrng* "
    "undocCod* universe* TotlResp? sumStat* txt* stdCatgry* catgryGrp* catgry* codInstr* verStmt* concept* "
    "derivation? varFormat? geoMap* catLevel* notes*",
    "catgry": "catValu? labl* txt* catStat* mrow?",
}
#: elements of words, in which these may stand in any order
MIXED = {"qstn": "preQTxt qstnLit postQTxt forward backward ivuInstr"}
#: elements of words, in which we put words only
WORDS = (
    "titl IDNo AuthEnty producer prodDate version topcClas abstract timePrd collDate nation geogCover "
    "geogUnit anlyUnit universe dataKind dataCollector sampProc collMode resInstru weight cleanOps notes "
    "EstSmpErr restrctn conditions labl respUnit preQTxt qstnLit ivuInstr catValu varFormat"
)

#: patterns of the types of attributes
NAME = r"[^\W\d][\w.-]*"
NAMES = rf"{NAME}( {NAME})*"
#: any text for the schema, which recommends ISO 8601
DATE = r"\d{4}(-\d\d(-\d\d)?)?"
ANY = r".*"
#: those that every element may have
COMMON = {"ID": NAME, LANGUAGE: r"[a-z]{2,3}(-\w+)*", "source": "archive|producer"}
ATTRIBUTES = {
    "codeBook": {"version": r"2\.5", "codeBookAgency": NAME},
    "prodDate": {"date": DATE},
    "version": {"date": DATE, "type": ANY},
    "abstract": {"date": DATE, "contentType": "abstract|purpose|mixed"},
    "timePrd": {"date": DATE, "event": "start|end|single", "cycle": ANY},
    "collDate": {"date": DATE, "event": "start|end|single", "cycle": ANY},
    "nation": {"abbr": ANY},
    "universe": {"level": ANY, "clusion": "I|E"},
    "varGrp": {
        "type": "section|multipleResp|grid|display|repetition|subject|version|iteration|analysis|pragmatic|"
        "record|file|randomized|other",
        "var": NAMES,
        "varGrp": NAMES,
        "name": ANY,
    },
    "var": {
        "name": ANY,
        "intrvl": "contin|discrete",
        "nature": "nominal|ordinal|interval|ratio|percent|other",
        "representationType": "text|numeric|code|datetime|other",
    },
    "qstn": {"responseDomainType": "text|numeric|code|category|datetime|geographic|multiple|other"},
    "catgry": {"missing": "Y|N", "missType": ANY},
    "varFormat": {"type": "character|numeric"},
}
REQUIRED = {("var", "name")}
#: attributes that name the ID of other elements: of which ones
REFERENCES = {("varGrp", "var"): "var", ("varGrp", "varGrp"): "varGrp"}


def find_faults(book: Element) -> Iterator[str]:
    """What the schema would refuse in a document, in words; nothing for a valid one."""
    if book.tag != f"{NAMESPACE}codeBook":
        yield f"the root is {book.tag}"
    named: dict[str, str] = {}
    for element in book.iter():
        name = element.tag.removeprefix(NAMESPACE)
        yield from (
            f"{name}: {fault}"
            for fault in (*_check_content(element, name), *_check_attributes(element, name))
        )
        identifier = element.get("ID")
        if identifier in named:
            yield f"{name}: ID {identifier} is there twice"
        if identifier:
            named[identifier] = name
    for (name, attribute), target in REFERENCES.items():
        for element in book.iter(f"{NAMESPACE}{name}"):
            for identifier in element.get(attribute, "").split():
                if named.get(identifier) != target:
                    yield f"{name}: {attribute} names {identifier}, which is no {target}"


def _check_content(element: Element, name: str) -> Iterator[str]:
    children = [child.tag.removeprefix(NAMESPACE) for child in element]
    if name in CHILDREN:
        model = "".join(re.sub(r"(\w+)([?*+]?)", r"(?:\1 )\2", part) for part in CHILDREN[name].split())
        if not re.fullmatch(model, "".join(f"{child} " for child in children)):
            yield f"it holds {children}"
        if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
            yield "it holds words between its elements"
    elif name in MIXED:
        if not set(children) <= set(MIXED[name].split()):
            yield f"it holds {children}"
    elif name not in WORDS.split():
        yield "the schema has no such element, or nobody looked it up"
    elif children:
        yield f"it holds {children}"


def _check_attributes(element: Element, name: str) -> Iterator[str]:
    known = COMMON | ATTRIBUTES.get(name, {})
    for attribute, value in element.attrib.items():
        if attribute not in known:
            yield f"it has no attribute {attribute}"
        elif not re.fullmatch(known[attribute], value):
            yield f"{attribute} is {value!r}"
    for attribute in sorted(attribute for place, attribute in REQUIRED if place == name):
        if attribute not in element.attrib:
            yield f"{attribute} is missing"
