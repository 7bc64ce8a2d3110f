"""What the tablet's modules say, in the interviewer's language; {braces} are filled in by the browser."""

from __future__ import annotations

from barometre.i18n import gettext as _


def describe_messages() -> dict[str, str]:
    """What both pages say, by the key that a module says."""
    return {
        "waiting_one": _("{number} entretien à envoyer"),
        "waiting_other": _("{number} entretiens à envoyer"),
        "offline": _("Pas de réseau. Vos entretiens sont gardés sur la tablette. Vous pouvez continuer."),
        "narrow": _("La mémoire est presque pleine : envoyez les entretiens et libérez de la place."),
        "refused": _("Le serveur ne reconnaît pas cette tablette : ouvrez « Ma tournée » et connectez-vous."),
        "kept": _("Le serveur n’a pas répondu comme prévu. L’entretien est gardé, l’envoi sera refait."),
        "receipt": _("reçu n° {number}"),
        "tries_one": _("Ce n’est pas le bon code. Il reste {number} essai."),
        "tries_other": _("Ce n’est pas le bon code. Il reste {number} essais."),
        "blocked": _(
            "Cinq erreurs : ce nom est bloqué sur la tablette. Rien n’est perdu, l’envoi continue ; "
            "votre responsable peut débloquer en se connectant ici."
        ),
    }


def describe_interview_messages() -> dict[str, str]:
    """What an interview says besides."""
    return {
        "question": _("Question {number} sur {total}"),
        "saving": _("Enregistrement…"),
        "saved": _("Enregistré sur la tablette"),
        "sent": _("Envoyé"),
        "unanswered": _("Touchez une réponse, ou « Ne sait pas », ou « Ne veut pas répondre »."),
        "unnoted": _("Touchez une réponse."),
        "not_eligible": _(
            "Cette personne n’entre pas dans l’enquête : touchez « Arrêter l’entretien », puis « {ending} »."
        ),
        "reason": _("Touchez la raison de l’arrêt."),
        "no_quartier": _("Notez d’abord le quartier : sans lui, cet entretien ne peut pas compter."),
        "left_out": _("Il reste une question sans réponse : la voici."),
        "blank": _("Sans réponse"),
        "confidential": _("Réponse scellée"),
        "next": _("Suivant"),
        "back": _("Retour"),
        "trained": _("Entraînement terminé : rien n’a été gardé ni compté."),
    }


def describe_tour_messages() -> dict[str, str]:
    """What « Ma tournée » says besides."""
    return {
        "nothing_waiting": _("Tout est envoyé"),
        "started": _("Commencé le {moment}"),
        "answered_one": _("{number} réponse"),
        "answered_other": _("{number} réponses"),
        "resume": _("Reprendre"),
        "finished": _("Terminé le {moment}"),
        "set_aside": _("mis de côté pour le responsable"),
        "ready": _("Cette tablette est prête : elle garde les entretiens même sans réseau."),
        "not_persisted": _(
            "Cette tablette est prête. Installez la page sur l’écran d’accueil pour que le navigateur "
            "ne vide jamais sa mémoire."
        ),
        "not_enrolled": _(
            "Cette tablette n’a pas pu être inscrite. Vérifiez le réseau, puis rechargez la page."
        ),
        "no_memory": _("La mémoire de la tablette ne répond pas : quittez la navigation privée."),
        "insecure": _("Cette adresse ne commence pas par https : la tablette ne peut rien garder ici."),
        "no_key": _(
            "L’enquête n’a pas encore de clé : sans elle, aucun entretien ne peut être scellé. "
            "Demandez-la à l’administrateur."
        ),
        "tablet": _("Tablette de {name}"),
        "unknown": _("Personne n’est inscrit sur cette tablette. Il faut le réseau une fois."),
        "expired": _("Votre connexion a expiré : vous pouvez continuer, et vous reconnecter plus tard."),
        "no_worker": _("Ce navigateur ne garde pas les pages : sans réseau, elles ne s’ouvriront pas."),
        "weak_code": _("Il faut six chiffres, ni tous pareils ni à la suite : 602914, par exemple."),
        "two_codes": _("Les deux codes ne sont pas les mêmes : tapez-les de nouveau."),
        "quota": _("{label} : {done} sur {target}"),
        "quota_full": _("{label} : {done} sur {target}, objectif atteint"),
        "as_of": _("Au dernier contact avec le serveur, le {moment}"),
        "needed_one": _("{label} : encore {number} personne pour que leur voix puisse être publiée"),
        "needed_other": _("{label} : encore {number} personnes pour que leur voix puisse être publiée"),
        "unwritten": _(
            "La tablette n’a pas pu l’écrire : elle est peut-être pleine. "
            "Libérez de la place, puis recommencez."
        ),
        "wipe_locked": _("Déverrouillez d’abord la tablette."),
        "wipe_begun_one": _("{number} entretien est commencé : terminez-le ou arrêtez-le d’abord."),
        "wipe_begun_other": _("{number} entretiens sont commencés : terminez-les ou arrêtez-les d’abord."),
        "wipe_held_one": _(
            "{number} entretien n’est encore dans aucune sauvegarde du serveur : envoyez-le, puis attendez "
            "la sauvegarde, ou exportez-le."
        ),
        "wipe_held_other": _(
            "{number} entretiens ne sont encore dans aucune sauvegarde du serveur : envoyez-les, puis "
            "attendez la sauvegarde, ou exportez-les."
        ),
        "check_yes": _("Oui : {what}"),
        "check_no": _("Non : {what}"),
        "check_unknown": _("Ce navigateur ne le dit pas : {what}"),
    }


def describe_checks() -> dict[str, dict[str, str]]:
    """What makes a tablet ready for the field: how it is told when it holds, and the mend when not."""
    return {
        "memory": {
            "holds": _("le navigateur garde la mémoire"),
            "mend": _("le navigateur peut vider sa mémoire ; installez la page sur l’écran d’accueil"),
        },
        "installed": {
            "holds": _("la page est installée"),
            "mend": _("la page n’est pas installée ; ajoutez-la à l’écran d’accueil"),
        },
        "room": {
            "holds": _("il y a de la place"),
            "mend": _("la mémoire est presque pleine ; libérez de la place"),
        },
        "pages": {
            "holds": _("les pages s’ouvrent sans réseau"),
            "mend": _("les pages ne s’ouvrent pas sans réseau ; rechargez cette page avec le réseau"),
        },
        "release": {
            "holds": _("la dernière version est en place"),
            "mend": _(
                "une mise à jour attend ; fermez les autres onglets, terminez les entretiens commencés"
            ),
        },
        "documents": {
            "holds": _("le questionnaire est là dans toutes ses langues"),
            "mend": _("une langue manque ; rechargez cette page avec le réseau"),
        },
        "key": {
            "holds": _("les entretiens peuvent être scellés"),
            "mend": _("l’enquête n’a pas de clé ; demandez-la à l’administrateur"),
        },
        "code": {
            "holds": _("un code protège les entretiens en cours"),
            "mend": _("aucun code n’est choisi ; déverrouillez la tablette"),
        },
        "enrolled": {
            "holds": _("la tablette est inscrite"),
            "mend": _("la tablette n’est pas inscrite ; demandez un code à votre responsable"),
        },
        "server": {
            "holds": _("le serveur répond"),
            "mend": _("le serveur ne répond pas ; vérifiez le réseau avant de partir"),
        },
        "clock": {
            "holds": _("l’heure est juste"),
            "mend": _("l’heure de la tablette est fausse ; réglez-la dans ses paramètres"),
        },
        "battery": {
            "holds": _("la batterie suffit"),
            "mend": _("la batterie est basse ; chargez la tablette"),
        },
    }
