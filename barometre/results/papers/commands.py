"""`barometre papers`: every paper of the last release, in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter

import click

from barometre.context import town
from barometre.i18n import format_number, ngettext
from barometre.i18n import gettext as _
from barometre.results.papers.follow_up import fetch_adopted
from barometre.results.papers.report import write_report
from barometre.results.papers.restitution import write_restitution
from barometre.results.papers.slides import write_slides
from barometre.results.papers.speech import offered_languages
from barometre.results.sources import Published, fetch_published


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--language", "languages", multiple=True, help="One or more; every language of the site if none."
)
@click.option("--address", default="", help="The site's address, for the code to photograph.")
@click.pass_context
def papers(context: click.Context, folder: Path, languages: tuple[str, ...], address: str) -> None:
    """Write the restitutions, the report and the pictures for slides of the last release."""
    # `obj` makes the application: the papers need its town, its database and its languages.
    context.with_resource(context.obj().app_context())
    offered = offered_languages()
    unknown = sorted(set(languages) - set(offered))
    if unknown:
        raise click.UsageError(
            _(
                "--language : « %(unknown)s » n’est pas une langue du site. Choisissez : %(known)s.",
                unknown=", ".join(unknown),
                known=", ".join(offered),
            )
        )
    published = fetch_published()
    if published is None:
        raise click.ClickException(_("Rien n’est encore publié : publiez d’abord une édition."))
    folder.mkdir(parents=True, exist_ok=True)
    wanted = list(_list_papers(published, languages or offered, address))
    begun = perf_counter()
    for number, (name, write) in enumerate(wanted, 1):
        started = perf_counter()
        body = write()
        (folder / name).write_bytes(body)
        size, took = format_number(len(body) / 1000), format_number(perf_counter() - started, 1)
        click.echo(
            _(
                "%(number)s/%(total)s  %(name)s  %(size)s ko  %(took)s s",
                number=f"{number:{len(str(len(wanted)))}}",
                total=len(wanted),
                name=name,
                size=size,
                took=took,
            )
        )
    took = format_number(perf_counter() - begun, 1)
    done = ngettext(
        "%(num)s document en %(took)s s", "%(num)s documents en %(took)s s", len(wanted), took=took
    )
    click.echo(f"{done}\u00a0: {folder}")


def _list_papers(
    published: Published, languages: tuple[str, ...], address: str
) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Name of each file, and what writes it."""
    wave, home, adopted = town().current_wave.id, offered_languages()[0], fetch_adopted()
    for language in languages:
        place = f"{address.rstrip('/')}/{language}" if address and language != home else address
        for quartier in town().quartiers:
            name = f"restitution-{wave}-{quartier.slug}-{language}.pdf"
            yield name, partial(write_restitution, town(), published, quartier, language, place)
        yield f"rapport-{wave}-{language}.pdf", partial(write_report, town(), published, language, adopted)
        yield f"diapositives-{wave}-{language}.zip", partial(write_slides, town(), published, language)
