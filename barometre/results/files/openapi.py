"""The description of the interface for programs, as OpenAPI 3.1, made from the columns of the rows."""

from __future__ import annotations

from typing import Any

from barometre.questionnaire.town import Town
from barometre.results.files.columns import COLUMNS, LIMITS, Column
from barometre.results.files.tables import SIMULATED

Schema = dict[str, Any]
VERSION = "1.0.0"
#: path under the root of the interface → operation, what it answers, name of its schema
PATHS = {
    "/": ("index", "Les adresses de cette interface", "Index"),
    "/wave": ("wave", "L’enquête, ses quartiers et ses entretiens, à la dizaine près", "Wave"),
    "/items": ("items", "Les questions et leurs réponses", "Items"),
    "/results": ("results", "Tous les résultats publiés", "Results"),
    "/results/{item}": ("item_results", "Les résultats d’une question", "Results"),
    "/openapi.json": ("openapi", "Cette description", "Description"),
}
TEXT: Schema = {"type": "string"}
PERHAPS_TEXT: Schema = {"type": ["string", "null"]}


def describe_interface(town: Town, root: str, *, simulated: bool) -> Schema:
    """The whole document; `root` is the address of the interface without its last slash."""
    words = "Résultats publiés, en lecture seule. Une valeur absente est nulle, jamais zéro."
    info: Schema = {
        "title": f"{town.barometer_name}, {town.name}",
        "version": VERSION,
        "description": f"{SIMULATED} {words}" if simulated else words,
    }
    if town.licence.name:
        address = {"url": town.licence.address} if town.licence.address else {}
        info["license"] = {"name": town.licence.name} | address
    return {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": root}],
        "paths": {path: _describe_path(path, *said) for path, said in PATHS.items()},
        "components": {"schemas": _list_schemas()},
    }


def _describe_path(path: str, operation: str, words: str, schema: str) -> Schema:
    described: Schema = {
        "operationId": operation,
        "summary": words,
        "responses": {
            "200": _answer(words, schema),
            "304": {"description": "Rien n’a changé depuis la demande précédente (If-None-Match)"},
        },
    }
    if operation not in ("index", "openapi"):
        described["responses"]["404"] = _answer("Il n’y a rien à cette adresse", "Error")
    if "{item}" in path:
        described["parameters"] = [
            {
                "name": "item",
                "in": "path",
                "required": True,
                "description": "Identifiant d’une question, tel que /items le donne",
                "schema": TEXT,
            }
        ]
    return {"get": described}


def _answer(words: str, schema: str) -> Schema:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": words, "content": {"application/json": {"schema": reference}}}


def _list_schemas() -> Schema:
    head = {
        "vague": TEXT,
        "date_publication": {"type": ["string", "null"], "format": "date"},
        "simule": {"type": "boolean"},
        "edition": {"type": ["integer", "null"]},
        "erratum": PERHAPS_TEXT,
        "date_erratum": {"type": ["string", "null"], "format": "date"},
        "licence": PERHAPS_TEXT,
    }
    option = _object({"code": {"type": "integer"}, "libelle": TEXT})
    item = {
        "question_id": TEXT,
        "titre": TEXT,
        "theme": TEXT,
        "preambule": PERHAPS_TEXT,
        "question": TEXT,
        "posee_depuis": TEXT,
        "formulation_imprimee": {"type": "boolean"},
        "codes_part_principale": _list({"type": "integer"}),
        "reponses": _list(option),
    }
    domain = {"id": TEXT, "nom": TEXT, "entretiens_environ": {"type": ["integer", "null"]}}
    return {
        "Index": _object({"simule": head["simule"], "adresses": _list(TEXT)}),
        "Wave": _object(
            head
            | {
                "ville": TEXT,
                "enquete": TEXT,
                "producteur": TEXT,
                "terrain": TEXT,
                "comparee_a": PERHAPS_TEXT,
                "domaines": _list(_object(domain)),
            }
        ),
        "Items": _object(head | {"questions": _list(_object(item))}),
        "Results": _object(head | {"resultats": _list({"$ref": "#/components/schemas/Row"})}),
        "Row": _object({column.name: _describe_column(column) for column in COLUMNS}),
        "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
        "Error": _object({"code": TEXT, "message": TEXT}),
    }


def _describe_column(column: Column) -> Schema:
    kind = "string" if column.type == "date" else column.type
    described: Schema = {"type": kind if column.required else [kind, "null"]}
    if column.type == "date":
        described["format"] = "date"
    if column.values:
        described["enum"] = [*column.values] if column.required else [*column.values, None]
    return described | LIMITS.get(column.name, {}) | {"description": column.description}


def _object(properties: Schema) -> Schema:
    """Everything in it is required, and there is nothing else."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}
