"""The one door through which an edition becomes public: its figures are worked out once more and frozen."""

from __future__ import annotations

from barometre.estimates.counts import Counts
from barometre.questionnaire.town import Town
from barometre.results.document import METHOD, write_figures
from barometre.results.findings import find_results
from barometre.results.groups import find_breakdowns
from barometre.results.sources import read_microdata
from barometre.storage import editions
from barometre.storage.engine import Session
from barometre.storage.models import Release
from barometre.storage.releases import fetch_earlier


def publish_edition(writing: Session, town: Town, edition_id: int, by: str) -> Release:
    """Freeze the figures of an edition's counts and show them to everybody; raises `WrongState`."""
    edition = writing.get(Release, edition_id)
    if edition is None:
        raise editions.WrongState
    counts = Counts.from_document(edition.counts)
    findings = find_results(town, counts, read_microdata(town, edition))
    breakdowns = find_breakdowns(town, findings, counts, fetch_earlier(writing, edition))
    return editions.publish(writing, edition_id, by, write_figures(findings, breakdowns), METHOD)
