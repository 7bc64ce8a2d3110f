"""The columns of the published rows: their names, types and meaning, the same in every file."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.results.files.row import KINDS, STATUSES, VERDICTS, Row

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """One column, and the attribute of `Row` that it holds."""

    name: str
    attribute: str
    #: "string", "integer", "number", "boolean" or "date", as Table Schema calls them
    type: str
    description: str
    #: the only values it takes, apart from being empty
    values: tuple[str, ...] = ()
    required: bool = False

    def read(self, row: Row) -> Value:
        """Its value in a row; None for an empty text."""
        value: Value = getattr(row, self.attribute)
        return None if value == "" else value


COLUMNS = (
    Column("vague", "wave", "string", "Année de l’enquête", required=True),
    Column(
        "quartier",
        "quartier",
        "string",
        "Identifiant du quartier ; ALL pour l’ensemble ; A+B pour deux quartiers imprimés ensemble",
        required=True,
    ),
    Column("question_id", "item", "string", "Identifiant de la question", required=True),
    Column("modalite", "option", "string", "Réponse, ou réponses réunies, dont la ligne donne la part"),
    Column("n_base", "base", "integer", "Personnes qui ont donné un avis ; vide si masqué ou inconnu"),
    Column(
        "pourcentage",
        "per_cent",
        "integer",
        "Part de ces personnes, en pour cent ; vide si non publiée",
    ),
    Column("statut", "status", "string", "Ce que vaut la ligne", tuple(STATUSES), required=True),
    Column("type_ligne", "kind", "string", "Ce que décrit la ligne", tuple(KINDS), required=True),
    Column("quartier_nom", "quartier_name", "string", "Nom du quartier ou de l’ensemble"),
    Column("titre", "title", "string", "Titre court de la question"),
    Column("question", "question", "string", "Question telle qu’elle est posée"),
    Column("codes", "codes", "string", "Codes des réponses dans le questionnaire, joints par +"),
    Column("fourchette_basse", "low", "integer", "Limite basse, en pour cent, à titre indicatif (95 %)"),
    Column("fourchette_haute", "high", "integer", "Limite haute, en pour cent, à titre indicatif (95 %)"),
    Column("en_mots", "words", "string", "Ce qui est dit à la place d’un pourcentage, ou à côté"),
    Column("sans_avis", "silent", "string", "Personnes sans avis ou sans réponse, à la dizaine près"),
    Column("evolution", "verdict", "string", "Verdict sur l’évolution", tuple(VERDICTS)),
    Column("compare_a", "compared_with", "string", "Année de l’enquête à laquelle on compare"),
    Column("ecart_points", "difference", "integer", "Écart avec cette enquête, en points"),
    Column("ecart_bas", "difference_low", "number", "Limite basse de l’écart, en points"),
    Column("ecart_haut", "difference_high", "number", "Limite haute de l’écart, en points"),
    Column("imprime", "printed", "string", "Chiffre ou mots imprimés par la première enquête"),
    Column("source_ligne", "source_line", "integer", "Ligne du document qui l’imprime"),
    Column("remarques", "remarks", "string", "Ce qu’il faut savoir pour lire la ligne"),
    Column("simule", "simulated", "boolean", "Vrai si les réponses sont inventées", required=True),
    Column(
        "date_erratum",
        "corrected_on",
        "date",
        "Date du dernier erratum de l’édition, que donnent le dictionnaire et le site ; vide sans erratum",
    ),
    Column("date_publication", "released_on", "date", "Date de publication ; vide pour un aperçu non publié"),
)
SHARES = ("pourcentage", "fourchette_basse", "fourchette_haute")
CHANGES = ("ecart_points", "ecart_bas", "ecart_haut")
#: what the values of a column keep to, in the words that Table Schema and JSON Schema share
LIMITS: dict[str, dict[str, int | str]] = {
    **{name: {"minimum": 0, "maximum": 100} for name in SHARES},
    **{name: {"minimum": -100, "maximum": 100} for name in CHANGES},
    "n_base": {"minimum": 0},
    "source_ligne": {"minimum": 1},
    "codes": {"pattern": r"^[0-9]+(\+[0-9]+)*$"},
}


def read_row(row: Row) -> dict[str, Value]:
    """The values of a row by the names of their columns, None where there is none."""
    return {column.name: column.read(row) for column in COLUMNS}
