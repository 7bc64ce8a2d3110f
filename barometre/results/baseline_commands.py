"""`barometre baseline`: which figures the first wave is shown with, item by item."""

from __future__ import annotations

import click

from barometre.context import database, town
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Wave
from barometre.results.baseline_items import list_items
from barometre.storage.baseline import (
    LONGEST_REASON,
    MICRODATA,
    PUBLISHED,
    SOURCES,
    NoMicrodata,
    ReasonMissing,
    ReasonTooLong,
    SameSource,
    decide_source,
    fetch_log,
    fetch_replaced,
)


@click.group()
def baseline() -> None:
    """Figures of the first wave: as printed, or from its interviews once they have been imported."""


@baseline.command("list")
def list_sources() -> None:
    """Every item of the first wave with its source, then the decisions, the last one first."""
    first = _open_first_wave()
    with database().read() as session:
        replaced, log = fetch_replaced(session, first.id), fetch_log(session, first.id)
    items = list_items(town())
    wide = max(len(item) for item in items)
    for item in items:
        click.echo(f"{item:<{wide}}  {MICRODATA if item in replaced else PUBLISHED}")
    for decided in log:
        moment = decided.at.astimezone().strftime("%Y-%m-%d %H:%M %Z")
        change = f"{decided.previous} → {decided.source}"
        click.echo(f"{moment}  {decided.by}  {decided.item}  {change}  {decided.reason}")


@baseline.command("use")
@click.option("--item", required=True, help="Id of an item of the first wave.")
@click.option("--source", required=True, type=click.Choice(SOURCES))
@click.option("--reason", required=True, help="Kept in the log.")
def use(item: str, source: str, reason: str) -> None:
    """Take the figures of one item from its interviews, or again as printed, from the next release on."""
    first = _open_first_wave()
    if item not in list_items(town()):
        known = ", ".join(list_items(town()))
        raise click.UsageError(
            _(
                "--item : « %(item)s » n’est pas une question de %(wave)s. Choisissez : %(known)s.",
                item=item,
                wave=first.id,
                known=known,
            )
        )
    try:
        with database().write() as session:
            decide_source(session, first.id, item, source, reason, "command")
    except ReasonMissing as error:
        raise click.UsageError(_("--reason est vide : dites en quelques mots pourquoi.")) from error
    except ReasonTooLong as error:
        words = _("Cette raison est trop longue : %(limit)s caractères au plus.", limit=LONGEST_REASON)
        raise click.UsageError(words) from error
    except SameSource as error:
        raise click.ClickException(_("%(item)s a déjà cette source : rien n’a changé.", item=item)) from error
    except NoMicrodata as error:
        raise click.ClickException(
            _(
                "Aucune réponse de %(wave)s à %(item)s : importez-les d’abord (interviews import).",
                wave=first.id,
                item=item,
            )
        ) from error
    click.echo(_("%(item)s : %(source)s, dès la prochaine publication.", item=item, source=source))


def _open_first_wave() -> Wave:
    # `obj` makes the application: these commands need its town, its database and its languages.
    context = click.get_current_context()
    context.with_resource(context.obj().app_context())
    first = town().first_wave
    if first is None or first.published is None:
        raise click.ClickException(_("Cette enquête n’est comparée à aucune autre."))
    return first
