"""The paper form: a Flask-WTF form built from a questionnaire, judged by the one judge of answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import DateField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from barometre.i18n import gettext as _
from barometre.i18n import lazy_gettext as _l
from barometre.i18n import say
from barometre.problems import describe_problem, label_dispositions, label_options
from barometre.questionnaire.answers import AnswerProblem, GivenAnswer, find_off_route, judge
from barometre.questionnaire.definition import Battery, Item, Questionnaire
from barometre.questionnaire.dispositions import BY_SLUG

#: before the id of an item: keeps questions apart from the form's own fields and methods
PREFIX = "answer_"
NOT_ASKED = ""
LONGEST_INTERVIEWER = 64
LONGEST_CODE = 3


class PaperDateField(DateField):
    """A day, optional, whose error is in words of ours."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day that was typed; nothing is nothing, and anything else is named."""
        self.data = None
        typed = (valuelist[0] if valuelist else "").strip()
        if not typed:
            return
        try:
            self.data = date.fromisoformat(typed)
        except ValueError as error:
            raise ValueError(
                _(
                    "« %(typed)s » n’est pas une date : écrivez l’année, le mois et le jour, "
                    "par exemple 2027-11-15.",
                    typed=typed[:40],
                )
            ) from error


class PaperForm(FlaskForm):
    """The fields of every paper interview; `make_form` adds the questions."""

    questionnaire: Questionnaire

    uuid = HiddenField()
    interviewer = StringField(
        _l("Enquêteur ou enquêtrice"),
        description=_l("Le nom d’utilisateur de la personne qui a posé les questions."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    started_on = PaperDateField(_l("Jour de l’entretien"))
    language = SelectField(_l("Langue de l’entretien"), validate_choice=False)
    disposition = SelectField(_l("Issue de l’entretien"), validate_choice=False, default="complete")

    def answers(self) -> dict[str, dict[str, Any]]:
        """What was ticked or written, as an envelope carries it; what was left blank is not there."""
        given: dict[str, dict[str, Any]] = {}
        for item in self.questionnaire.items:
            typed = (self[PREFIX + item.id].data or "").strip()
            if not typed:
                continue
            # What is longer than any code is words to the judge: int() refuses thousands of digits.
            if item.closed and typed.isdecimal() and len(typed) <= LONGEST_CODE:
                given[item.id] = {"code": int(typed), "language": self.language.data}
            else:
                given[item.id] = {"text": typed, "language": self.language.data}
        return given

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask the one judge; each problem is put into words beside its field."""
        valid = bool(super().validate(extra_validators))
        if self.language.data not in [choice.value for choice in self.language.choices]:
            valid = self._refuse(self.language, _("Choisissez une des langues proposées."))
        if not (self.interviewer.data or "").strip():
            valid = self._refuse(self.interviewer, _("Dites qui a fait l’entretien."))
        elif len(self.interviewer.data.strip()) > LONGEST_INTERVIEWER:
            valid = self._refuse(self.interviewer, _("Ce nom est trop long : 64 caractères au plus."))
        if self.started_on.data and self.started_on.data > date.today():  # noqa: DTZ011 - the server's own day
            valid = self._refuse(self.started_on, _("Ce jour n’est pas encore venu : vérifiez la date."))
        given = {
            item: GivenAnswer(answer.get("code"), answer.get("text"), answer["language"] or "")
            for item, answer in self.answers().items()
        }
        found = judge(self.questionnaire, given, self.disposition.data or "")
        problems = found if isinstance(found, list) else []
        # The judge also takes doors where nobody was interviewed: a paper interview is none.
        ending = BY_SLUG.get(self.disposition.data or "")
        if ending and not ending.ends_interview:
            problem = AnswerProblem("disposition", "not_for_interview", ending.slug)
            problems = [problem, *(one for one in problems if one.field != "disposition")]
        for problem in problems + find_off_route(self.questionnaire, given):
            valid = self._refuse(self._field_of(problem), describe_problem(problem, self.questionnaire))
        return valid

    def _field_of(self, problem: AnswerProblem) -> Field:
        return self.disposition if problem.field == "disposition" else self[PREFIX + problem.field]

    @staticmethod
    def _refuse(field: Field, words: str) -> bool:
        field.errors = [*field.errors, words]
        return False


@dataclass(frozen=True)
class Question:
    """One question of the form, in the order of the questionnaire."""

    item: Item
    field: Field
    #: set on the first row of a battery: its stem stands above
    battery: Battery | None


def list_questions(form: PaperForm) -> Iterator[tuple[str, list[Question]]]:
    """The sections of the form: their title and their questions."""
    for section in form.questionnaire.sections:
        questions, before = [], None
        for item in section.items:
            begins = item.battery is not None and item.battery != before
            battery = form.questionnaire.batteries[item.battery] if begins and item.battery else None
            questions.append(Question(item, form[PREFIX + item.id], battery))
            before = item.battery
        yield say(f"section:{section.id}", section.title), questions


def make_form(questionnaire: Questionnaire, languages: list[tuple[str, str]], **defaults: str) -> PaperForm:
    """A form for one paper interview; `languages` are those it may have been held in."""
    fields: dict[str, Any] = {"questionnaire": questionnaire}
    for item in questionnaire.items:
        text, note = say(item.id, item.text), say(f"{item.id}:note", item.note) if item.note else ""
        if item.closed:
            options = [SelectChoice(str(code), label) for code, label in label_options(questionnaire, item)]
            fields[PREFIX + item.id] = RadioField(
                text,
                description=note,
                choices=[*options, SelectChoice(NOT_ASKED, _("Non posé"))],
                default=NOT_ASKED,
                validate_choice=False,
            )
        else:
            limit = _("%(number)s caractères au plus.", number=item.max_length)
            fields[PREFIX + item.id] = TextAreaField(
                text, description=f"{note} {limit}".strip(), render_kw={"rows": 2}
            )
    form = type("PaperForm", (PaperForm,), fields)(data=defaults)
    form.language.choices = [SelectChoice(*language) for language in languages]
    form.disposition.choices = [SelectChoice(*disposition) for disposition in label_dispositions()]
    return form
