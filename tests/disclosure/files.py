"""The attacker with the open data: every file and every answer of the interface for programs."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import openpyxl
from flask import Flask
from flask.testing import FlaskClient

from barometre.estimates.disclosure import ALL, BAND
from barometre.results.files.codebook import NAMESPACE
from tests.disclosure.reader import read_people
from tests.disclosure.reading import Told, read_number, read_words
from tests.disclosure.words import SHARE, Vocabulary, learn_words, read_few, read_said
from tests.results.files_read import Line, address_of, fetch, read_api, read_csv

API = "/donnees/api/v1"


def read_files(app: Flask, client: FlaskClient) -> Iterator[Told]:
    """Every statement of every file about the current wave."""
    with app.test_request_context():
        known = learn_words(app.extensions["town"])
    for page, lines in list_tables(app, client):
        yield from read_lines(known, page, lines)
    yield from read_codebook(known, fetch(client, address_of(app, "ddi.xml")))
    for address in list_figures(client, "svg"):
        yield read_picture(known, address, fetch(client, address).decode("utf-8"))


def list_tables(app: Flask, client: FlaskClient) -> Iterator[tuple[str, list[Line]]]:
    """Every file that has the published rows."""
    yield "csv", read_csv(fetch(client, address_of(app, "resultats.csv")))
    yield "xlsx", read_workbook(fetch(client, address_of(app, "resultats.xlsx")))
    yield "api", read_api(fetch(client, f"{API}/results"))
    for item in json.loads(fetch(client, f"{API}/items"))["questions"]:
        address = f"{API}/results/{item['question_id']}"
        yield address, read_api(fetch(client, address))
    for address in list_figures(client, "csv"):
        yield address, read_csv(fetch(client, address))


def list_figures(client: FlaskClient, kind: str) -> list[str]:
    """Addresses of the figures to take away."""
    page = fetch(client, "/telecharger-les-donnees").decode("utf-8")
    return re.findall(rf'href="(/donnees/figures/[^"]*\.{kind})"', page)


def read_workbook(body: bytes) -> list[Line]:
    """The rows of every sheet that has columns of results, hidden or not."""
    found = []
    for sheet in openpyxl.load_workbook(io.BytesIO(body)).worksheets:
        names, *rows = sheet.iter_rows(values_only=True)
        if "question_id" in names:
            found += [dict(zip(map(str, names), row, strict=True)) for row in rows]
    assert found
    return found


def read_lines(known: Vocabulary, page: str, lines: Sequence[Mapping[str, Any]]) -> Iterator[Told]:
    """What the rows of the current wave tell: one statement a row, one more for the answers together."""
    answers: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        if line["vague"] != known.town.current_wave.id:
            continue
        item, domain = line["question_id"], line["quartier"]
        codes = tuple(int(code) for code in line["codes"].split("+"))
        alone = []
        if any(line[name] is not None for name in ("pourcentage", "fourchette_basse", "fourchette_haute")):
            alone.append(codes)
        if any(line[name] is not None for name in ("ecart_points", "ecart_bas", "ecart_haut")):
            alone.append(known.find_compared(item, read_words(line["remarques"] or "")))
        words = read_words(line["en_mots"] or "")
        yield replace(
            known.begin(page, item, domain, line["statut"]),
            base=line["n_base"],
            silent=read_few(line["sans_avis"] or ""),
            band=_read_band(words) if line["statut"] == BAND else None,
            alone=tuple(alone),
        )
        if line["type_ligne"] == "answer":
            answers.setdefault((item, domain), []).append(line | {"codes": codes})
    for (item, domain), own in answers.items():
        parts = tuple((line["codes"], float(line["pourcentage"])) for line in own)
        yield replace(known.begin(page, item, domain, own[0]["statut"]), base=own[0]["n_base"], parts=parts)


def _read_band(words: str) -> tuple[str, int]:
    number = read_number(words)
    assert number is not None
    return ("below" if words.startswith("moins") else "above"), number


def read_codebook(known: Vocabulary, body: bytes) -> Iterator[Told]:
    """What the statistics of a DDI document tell: of a variable its cases, of a category its frequency."""
    names = {"ddi": NAMESPACE}
    for variable in ElementTree.fromstring(body).iterfind(".//ddi:var", names):
        item = variable.get("name", "")
        if item not in known.answers:
            continue
        cases = variable.find("ddi:sumStat[@type='vald']", names)
        if cases is not None:
            yield replace(known.begin("ddi", item, ALL), base=read_number(cases.text or ""))
        codes = [
            int(category.findtext("ddi:catValu", "", names))
            for category in variable.iterfind("ddi:catgry", names)
            if category.find("ddi:catStat", names) is not None
        ]
        if codes:
            yield replace(known.begin("ddi", item, ALL), alone=tuple((code,) for code in codes))


def read_picture(known: Vocabulary, address: str, svg: str) -> Told:
    """What a figure to take away tells: its words, those for whoever does not see it, and its legend."""
    item, slug = address.removesuffix(".svg").split("/")[-2:]
    domain = next((quartier.id for quartier in known.town.quartiers if quartier.slug == slug), ALL)
    written = [read_words(words) for words in re.findall(r"<text.*?</text>", svg, re.S)]
    drawn = re.findall(r"<desc[^>]*>(.*?)</desc>", svg, re.S)
    told = read_said(known, address, item, domain, " ".join([*written, *drawn]))
    legend = {
        codes
        for label, codes in known.answers[item].items()
        for words in written
        if re.fullmatch(rf"{re.escape(label)} {SHARE}", words)
    }
    return replace(told, alone=(*told.alone, *sorted(legend)))


def read_interviews(client: FlaskClient) -> dict[str, tuple[int, int]]:
    """The people of each domain as the interface for programs tells them: at least, at most."""
    domains = json.loads(fetch(client, f"{API}/wave"))["domaines"]
    return {
        domain["id"]: read_people("Moins de 10")
        if domain["entretiens_environ"] is None
        else read_people(str(domain["entretiens_environ"]))
        for domain in domains
    }
