"""`barometre interviews`: from and to files; judge again what waits, exclude one from the counts."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import click

from barometre.context import database, town
from barometre.i18n import gettext as _
from barometre.i18n import ngettext
from barometre.intake import files
from barometre.intake.file_format import SILENT_LABELS, FileFormat
from barometre.intake.outbox import Damaged, is_outbox, read_outbox, read_records
from barometre.intake.sheets import WITH_MARK, UnusableFile, read_sheet, write_csv, write_xlsx
from barometre.intake.sync import gate
from barometre.problems import label_options
from barometre.questionnaire.definition import NOT_APPLICABLE
from barometre.storage import decisions
from barometre.storage.arrivals import ALREADY_RECEIVED, STORED, Judged
from barometre.storage.counts import fold_counts
from barometre.storage.decisions import Decision
from barometre.storage.interviews import exclude_interview
from barometre.storage.people import fetch_device

#: files above this show their progress even where nobody seems to look
LONG_FILE = 2_000


@click.group()
def interviews() -> None:
    """Interviews from and to files."""


@interviews.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wave", help="Of the interviews in a CSV or XLSX file; those of a tablet name their own.")
@click.option("--keep-valid", is_flag=True, help="Store the good lines and write the others to a file.")
def import_file(file: Path, wave: str | None, keep_valid: bool) -> None:
    """Store the interviews of FILE: CSV in UTF-8 or XLSX, or the outbox that a tablet exported.

    Of a CSV or XLSX file all lines are stored, or none. Of an outbox each interview is received by itself,
    as if the tablet had sent it. Importing the same file again changes nothing.
    """
    _open_application()
    try:
        if is_outbox(file):
            _import_outbox(file)
        elif wave is None:
            raise click.UsageError(_("Dites de quelle vague sont ces entretiens : --wave."))
        else:
            _import_sheet(file, wave, keep_valid)
    except UnusableFile as error:
        raise click.ClickException(str(error)) from error


def _import_outbox(file: Path) -> None:
    outbox, judge = read_outbox(file), gate()
    with database().read() as session:
        tablet = fetch_device(session, outbox.device_id) if outbox.device_id else None
    kept: Counter[str] = Counter()
    damaged = []
    records = read_records(outbox, tablet.id if tablet else None)
    length = len(outbox.records)
    with click.progressbar(records, length=length, label=_("Réception"), file=sys.stderr) as bar:
        for record in bar:
            if isinstance(record, Damaged):
                damaged.append((record.place, record.uuid, record.words))
                continue
            # One by one: whatever one of them does, the others are received.
            with database().write() as session:
                kept[judge.keep(session, record).status] += 1
    _print_problems(damaged, (_("RANG"), _("ENTRETIEN"), _("RAISON")))
    aside = _tell_kept(kept)
    if damaged:
        number = len(damaged)
        click.echo(ngettext("%(num)s entretien abîmé.", "%(num)s entretiens abîmés.", number))
    if damaged or aside:
        raise click.exceptions.Exit(1)


def _import_sheet(file: Path, wave: str, keep_valid: bool) -> None:
    form = _read_format(wave)
    sheet = read_sheet(file)
    number = len(sheet.lines)
    hidden = not (sys.stderr.isatty() or number > LONG_FILE)
    with click.progressbar(length=number, label=_("Vérification"), file=sys.stderr, hidden=hidden) as bar:
        findings = files.judge_sheet(form, sheet, bar.update)
    with database().write() as session:
        files.refuse_other_contents(session, findings)
        may_store = findings.faultless or (keep_valid and not findings.header)
        kept = files.store(session, form, findings) if may_store else None
    _print_problems(files.list_problems(form, findings), (_("LIGNE"), _("COLONNE"), _("RAISON")))
    if findings.refused:
        refused = len(findings.refused)
        click.echo(ngettext("%(num)s ligne refusée.", "%(num)s lignes refusées.", refused))
    if kept is None:
        click.echo(_("Rien n’a été enregistré."))
        raise click.exceptions.Exit(1)
    click.echo(ngettext("%(num)s entretien enregistré.", "%(num)s entretiens enregistrés.", kept[STORED]))
    if kept[ALREADY_RECEIVED]:
        click.echo(ngettext("%(num)s déjà reçu.", "%(num)s déjà reçus.", kept[ALREADY_RECEIVED]))
    aside = kept.total() - kept[STORED] - kept[ALREADY_RECEIVED]
    if aside:
        click.echo(
            ngettext(
                "%(num)s entretien mis de côté : il n’est pas compté.",
                "%(num)s entretiens mis de côté : ils ne sont pas comptés.",
                aside,
            )
        )
    if findings.refused:
        # After the commit: a file of lines to import again must not outlive a failed import.
        try:
            rest = files.write_refused(file, form, findings)
        except OSError as error:
            raise click.ClickException(str(error)) from error
        click.echo(_("Lignes refusées, à corriger et à importer de nouveau : %(file)s", file=rest))
    if aside:
        raise click.exceptions.Exit(1)


def _tell_kept(kept: Counter[str]) -> int:
    """Say what became of the interviews; how many were set aside."""
    click.echo(ngettext("%(num)s entretien enregistré.", "%(num)s entretiens enregistrés.", kept[STORED]))
    if kept[ALREADY_RECEIVED]:
        click.echo(ngettext("%(num)s déjà reçu.", "%(num)s déjà reçus.", kept[ALREADY_RECEIVED]))
    aside = kept.total() - kept[STORED] - kept[ALREADY_RECEIVED]
    if aside:
        click.echo(
            ngettext(
                "%(num)s entretien mis de côté : il n’est pas compté.",
                "%(num)s entretiens mis de côté : ils ne sont pas comptés.",
                aside,
            )
        )
    return aside


@interviews.command("judge")
def judge_again() -> None:
    """Judge again what waits for a key or a questionnaire: either may have come since."""
    _open_application()
    with database().read() as session:
        waiting = decisions.list_waiting(session)
    judge, stored, versions = gate(), 0, {}
    with click.progressbar(waiting, label=_("Vérification"), file=sys.stderr) as bar:
        for seq in bar:
            # One by one: whatever one of them does, the others are judged.
            with database().write() as session:
                held = decisions.hold_undecided(session, seq)
                if held is None:
                    continue
                judged = judge.judge(held.arrival, session)
                if decisions.store_again(session, held, judged, Decision("command")) is None:
                    assert isinstance(judged, Judged)
                    versions[judged.version.id] = judged.version
                    stored += 1
    with database().write() as session:
        # None stays for the readers to count.
        for version in versions.values():
            fold_counts(session.connection(), version)
    click.echo(ngettext("%(num)s entretien enregistré.", "%(num)s entretiens enregistrés.", stored))
    left = len(waiting) - stored
    if left:
        click.echo(ngettext("%(num)s reste de côté.", "%(num)s restent de côté.", left))


@interviews.command("exclude")
@click.argument("uuid", type=click.UUID)
@click.option("--reason", required=True, help="Kept with the interview.")
def exclude(uuid: UUID, reason: str) -> None:
    """Take the interview UUID out of the counts; it is kept, with the reason."""
    _open_application()
    if not reason.strip():
        raise click.UsageError(_("Dites pourquoi cet entretien n’est plus compté."))
    with database().write() as session:
        excluded = exclude_interview(session, uuid, reason.strip())
    if not excluded:
        raise click.ClickException(
            _("%(uuid)s n’est pas compté : il est inconnu ici, ou déjà écarté.", uuid=uuid)
        )
    click.echo(_("%(uuid)s est gardé et n’est plus compté.", uuid=uuid))


@interviews.command("template")
@click.option("--wave", required=True)
@click.option("--xlsx", is_flag=True, help="A workbook, with the codes on a second sheet.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
def write_template(wave: str, xlsx: bool, output: Path | None) -> None:
    """Write an empty file of interviews: CSV to the standard output, unless told otherwise."""
    _open_application()
    form = _read_format(wave)
    if not xlsx and output is None:
        write_csv(sys.stdout, [form.columns])
        return
    target = output or Path(f"interviews-{wave}.xlsx")
    try:
        if xlsx:
            write_xlsx(target, {"Entretiens": [form.columns], "Codes": list_codes(form)})
        else:
            with target.open("w", encoding=WITH_MARK, newline="") as opened:
                write_csv(opened, [form.columns])
    except OSError as error:
        raise click.ClickException(str(error)) from error
    click.echo(str(target))


def list_codes(form: FileFormat) -> list[tuple[object, ...]]:
    """Every answer that a column takes: item, question, code and label."""
    lines: list[tuple[object, ...]] = [("item", "question", "code", "label")]
    for item in form.questionnaire.items:
        battery = form.questionnaire.batteries[item.battery].stem + " " if item.battery else ""
        question = battery + item.text
        if item.scale is None:
            lines.append((item.id, question, "", ""))
            continue
        options = label_options(form.questionnaire, item)
        if item.when:
            options.append((NOT_APPLICABLE, SILENT_LABELS[NOT_APPLICABLE]))
        lines += [(item.id, question, code, label) for code, label in options]
    return lines


def _read_format(wave: str) -> FileFormat:
    known = town().interviewed_waves
    if wave not in known:
        raise click.UsageError(f"{wave} is not collected here; waves: {', '.join(known)}.")
    return FileFormat(town(), wave)


def _open_application() -> None:
    # `obj` makes the application: these commands need its town, its database and its languages.
    context = click.get_current_context()
    context.with_resource(context.obj().app_context())


def _print_problems(problems: list[tuple[int, str, str]], head: tuple[str, str, str]) -> None:
    if not problems:
        return
    table = [head]
    table += [(str(line), column, reason) for line, column, reason in problems]
    wide, wider = (max(len(row[place]) for row in table) for place in (0, 1))
    for line, column, reason in table:
        click.echo(f"{line:>{wide}}  {column:<{wider}}  {reason}")
