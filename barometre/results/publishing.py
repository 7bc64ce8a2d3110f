"""The one door through which an edition becomes public: its figures are worked out once more and frozen."""

from __future__ import annotations

from barometre.estimates.counts import Counts
from barometre.questionnaire.town import Town
from barometre.results.document import METHOD, write_findings
from barometre.results.findings import find_results
from barometre.results.sources import read_microdata
from barometre.storage import editions
from barometre.storage.engine import Session
from barometre.storage.models import Release


def publish_edition(writing: Session, town: Town, edition_id: int, by: str) -> Release:
    """Freeze the figures of an edition's counts and show them to everybody; raises `WrongState`."""
    edition = writing.get(Release, edition_id)
    if edition is None:
        raise editions.WrongState
    findings = find_results(town, Counts.from_document(edition.counts), read_microdata(town, edition))
    return editions.publish(writing, edition_id, by, write_findings(findings), METHOD)
