"""What is read aloud around the questions: greeting, consent, thanks; interface messages, for any town."""

from __future__ import annotations

from barometre.i18n import SOURCE_LANGUAGE, known_languages
from barometre.questionnaire.definition import DONT_KNOW, REFUSED


def N_(text: str) -> str:
    """Mark a message for extraction; it is translated where it is shown."""
    return text


#: read before the first question; consent is a clear yes
INTRODUCTION = (
    N_(
        "Bonjour, je suis médiateur pour %(organisation)s. Nous demandons aux habitants ce qu’ils pensent "
        "de leur quartier. Cela dure environ 15 minutes. Vous êtes libre de répondre ou non. "
        "Vous pouvez arrêter quand vous voulez."
    ),
    N_(
        "Nous ne demandons pas votre nom. Vos réponses sont mélangées avec celles des autres habitants. "
        "Personne ne saura ce que vous avez répondu. Cette feuille explique vos droits."
    ),
)

THANKS = N_("Merci d’avoir répondu. Votre avis compte pour votre quartier.")

#: before the new questions that a person may answer alone
HANDOVER = N_("Voulez-vous répondre seul aux prochaines questions ? Personne ne verra vos réponses.")
#: after them, until the interviewer has taken the tablet back
GIVEN_BACK = N_("Merci. Vos réponses sont scellées. Rendez la tablette.")
#: buttons, what they explain, and silent codes while somebody answers alone
ALONE = {
    "next": N_("Suivant"),
    "back": N_("Retour"),
    "stop": N_("Rendre la tablette"),
    "unanswered": N_("Touchez une réponse."),
}
ALONE_SILENT = {DONT_KNOW: N_("Je ne sais pas"), REFUSED: N_("Je ne veux pas répondre")}


def speak(language: str, text: str, **values: str) -> dict[str, str]:
    """A message in the respondent's language, and the French beneath it."""
    catalogue = known_languages()[language].interface
    french = known_languages()[SOURCE_LANGUAGE].interface
    return {"spoken": catalogue.gettext(text) % values, "french": french.gettext(text) % values}
