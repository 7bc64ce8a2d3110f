"""Forms of the accounts: sign-in, password, new person, new tablet."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, SelectMultipleField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from barometre.access import ROLES, SHORTEST_PASSWORD, is_strong
from barometre.i18n import lazy_gettext as _l

REQUIRED = _l("Ce champ est à remplir.")

ROLE_NAMES = {
    "interviewer": _l("enquêteur"),
    "supervisor": _l("responsable de terrain"),
    "analyst": _l("analyste"),
    "council": _l("membre d’un conseil citoyen"),
    "administrator": _l("administrateur"),
}


class SignInForm(FlaskForm):
    """Name and password."""

    username = StringField(
        _l("Nom d’utilisateur"),
        [InputRequired(REQUIRED)],
        render_kw={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mot de passe"), [InputRequired(REQUIRED)], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_l("Se connecter"))


class PasswordForm(FlaskForm):
    """A new password for oneself."""

    current = PasswordField(
        _l("Mot de passe actuel"), [InputRequired(REQUIRED)], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        _l("Nouveau mot de passe"),
        [InputRequired(REQUIRED)],
        description=_l("Douze caractères au moins ; une phrase convient très bien."),
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
    submit = SubmitField(_l("Changer le mot de passe"))

    def __init__(self, username: str) -> None:
        """Ask `username` for their passwords."""
        super().__init__()
        self.person_name = username

    def validate_new(self, field: PasswordField) -> None:
        """Refuse a short password, or one made of the name."""
        _check_password(field.data or "", self.person_name)


class SelectMultipleCheckboxField(SelectMultipleField):
    """Several of a few choices, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PersonForm(FlaskForm):
    """Somebody new."""

    username = StringField(
        _l("Nom d’utilisateur"),
        [
            InputRequired(REQUIRED),
            Regexp(
                r"[a-z0-9][a-z0-9._-]{1,62}\Z",
                message=_l("De 2 à 63 caractères : lettres minuscules sans accent, chiffres, point, tiret."),
            ),
        ],
        description=_l("Un pseudonyme suffit : il n’a pas à dire qui est la personne."),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    password = PasswordField(
        _l("Mot de passe de départ"),
        [InputRequired(REQUIRED)],
        description=_l(
            "Douze caractères au moins. Donnez-le à la personne : elle peut le changer dans « Mon compte »."
        ),
        render_kw={"autocomplete": "new-password", "minlength": SHORTEST_PASSWORD},
    )
    roles = SelectMultipleCheckboxField(
        _l("Rôles"), choices=[SelectChoice(role, ROLE_NAMES[role]) for role in ROLES]
    )
    council = SelectField(_l("Conseil citoyen"), description=_l("Pour un membre de conseil seulement."))
    submit = SubmitField(_l("Ajouter la personne"))

    def __init__(self, councils: list[tuple[str, str]]) -> None:
        """Offer the town's councils, as (id, name)."""
        super().__init__()
        self.council.choices = [SelectChoice("", "—"), *(SelectChoice(*council) for council in councils)]

    def validate_password(self, field: PasswordField) -> None:
        """Refuse a short password, or one made of the name."""
        _check_password(field.data or "", self.username.data or "")

    def validate_roles(self, field: SelectMultipleField) -> None:
        """A person without a role could open nothing."""
        if not field.data:
            raise ValidationError(_l("Choisissez au moins un rôle."))

    def validate_council(self, field: SelectField) -> None:
        """A council member belongs to a council, and nobody else does."""
        if ("council" in (self.roles.data or [])) != bool(field.data):
            raise ValidationError(_l("Un membre de conseil, et lui seul, appartient à un conseil citoyen."))


class DeviceForm(FlaskForm):
    """A tablet to prepare."""

    label = StringField(
        _l("Nom de la tablette"),
        [DataRequired(REQUIRED), Length(max=80, message=_l("80 caractères au plus."))],
        description=_l("Ce qui est écrit dessus, « Tablette 4 » par exemple."),
        render_kw={"autocomplete": "off", "maxlength": 80},
    )
    interviewer = SelectField(
        _l("Enquêteur"),
        [InputRequired(_l("Choisissez la personne à qui vous remettez la tablette."))],
        description=_l("Les entretiens faits sur cette tablette porteront son nom d’utilisateur."),
    )
    submit = SubmitField(_l("Obtenir un code"))

    def __init__(self, interviewers: list[tuple[str, str]]) -> None:
        """Offer the people who interview, as (id, username)."""
        super().__init__()
        self.interviewer.choices = [("", "—"), *interviewers]


def _check_password(password: str, username: str) -> None:
    if not is_strong(password, username):
        raise ValidationError(
            _l("Ce mot de passe est trop court ou contient le nom d’utilisateur : douze caractères au moins.")
        )
