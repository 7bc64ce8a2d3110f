"""What an edition says first on paper and in files: that it is not public yet, what was found wrong in it."""

from __future__ import annotations

from barometre.i18n import format_date
from barometre.i18n import gettext as _
from barometre.results.sources import Published
from barometre.storage.editions import PREPARED, SHARED

#: characters of an erratum that a sheet has room for
SHORT = 160


def tell_preview(published: Published) -> str:
    """That the public does not see it yet, "" once it did."""
    if published.state not in (PREPARED, SHARED):
        return ""
    return f"{_('Aperçu.')} {_('Cette édition n’est pas publiée : ne la montrez pas encore.')}"


def tell_erratum(published: Published, *, whole: bool = True) -> str:
    """Its last erratum, "" where there is none; where a long one has no room `whole`, that there is one."""
    if not published.erratum or published.erratum_day is None:
        return ""
    day = format_date(published.erratum_day)
    if whole or len(published.erratum) <= SHORT:
        return f"{_('Erratum du %(day)s :', day=day)} {published.erratum}"
    return _("Erratum du %(day)s : lisez-le sur le site, à la page « Les éditions ».", day=day)
