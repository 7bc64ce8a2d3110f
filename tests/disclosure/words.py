"""What a sentence, a picture in words or a cell tells of one question in one domain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from barometre.estimates.disclosure import ALL, MASKED
from barometre.i18n import tell
from barometre.questionnaire.town import Town
from barometre.results.labels import domain_label
from tests.disclosure.reader import list_labels
from tests.disclosure.reading import NUMBER, Told, read_number, read_state, read_words

#: digits of a share, as they are printed
SHARE = r"(\d+(?:,\d+)?) %"
BASE = re.compile(rf"{NUMBER}réponses?\b|Seulement {NUMBER}personnes?")


@dataclass(frozen=True)
class Vocabulary:
    """What the words of a town stand for."""

    town: Town
    #: item → the words of a run of answers → its codes
    answers: Mapping[str, Mapping[str, tuple[int, ...]]]
    #: title of a question → its item
    items: Mapping[str, str]
    #: name of a quartier → its id
    quartiers: Mapping[str, str]

    def begin(self, page: str, item: str, domain: str, state: str = "") -> Told:
        """A row that tells no number yet."""
        places = [quartier.id for quartier in self.town.quartiers]
        by = self.town.current_wave.questionnaire.cell[0]
        place = places.index(domain) if domain in places else -1
        return Told(page, item, by, domain, place, state, None, None, None, ())

    def headline(self, item: str) -> tuple[int, ...]:
        """Codes of the share that an item is told by."""
        return tuple(sorted(self.town.indicator_of[item].codes))

    def find_domain(self, name: str) -> str:
        """The domain of that name; all quartiers for « Les 3 quartiers ensemble » and names joined with +."""
        return self.quartiers.get(name, ALL)

    def find_compared(self, item: str, words: str) -> tuple[int, ...]:
        """The answers whose change is told: the headline ones unless the words name others."""
        named = re.search(r"Ce qui est comparé : « (.*?) »", words)
        return self.answers[item][named[1]] if named else self.headline(item)


def learn_words(town: Town) -> Vocabulary:
    """The vocabulary of a town, in the language of the request."""
    return Vocabulary(
        town,
        {indicator.item: list_labels(town, indicator.item) for indicator in town.indicators},
        {read_words(tell(indicator.label)): indicator.item for indicator in town.indicators},
        {domain_label(town, quartier.id): quartier.id for quartier in town.quartiers},
    )


def read_said(known: Vocabulary, page: str, item: str, domain: str, words: str) -> Told:
    """What sentences tell: « 63 habitants sur 100… », « 2027 : Satisfait 63 %… », « 120 réponses »."""
    wave, words = known.town.current_wave.id, read_words(words)
    # What the first wave printed stands before.
    described = words.rpartition(f"{wave} : ")[2] if f"{wave} : " in words else ""
    base = next(filter(None, (BASE.search(part) for part in (described, words))), None)
    found = {
        codes: re.search(rf"(?:^|, ){re.escape(label)} {SHARE}", described)
        for label, codes in known.answers[item].items()
    }
    alone = []
    if re.search(rf"\d+ habitants? sur 100|\b{wave}(?: :)? {SHARE}", words):
        alone.append(known.headline(item))
    if re.search(r"\d points?\b|Ce qui est comparé", words):
        alone.append(known.find_compared(item, words))
    return replace(
        known.begin(page, item, domain, MASKED if "Masqué" in words else ""),
        base=read_number(base[0]) if base else None,
        silent=read_few(words),
        parts=tuple((codes, float(share[1].replace(",", "."))) for codes, share in found.items() if share),
        alone=tuple(alone),
    )


def read_few(words: str) -> int | None:
    """People without opinion, as some words round them; None where they say nothing of them."""
    if found := re.search(rf"[Ee]nviron ({NUMBER})(?:personnes n’ont pas d’avis|$)", words):
        return read_number(found[1])
    return 0 if re.search(r"personnes au plus n’ont pas d’avis|au plus$", words) else None


def read_row(known: Vocabulary, page: str, item: str, domain: str, share: str, base: str) -> Told:
    """What two cells of a table tell: a share, a band or why there is none; then its base."""
    told = re.search(rf"^{SHARE}", share)
    return replace(
        known.begin(page, item, domain, read_state(share)),
        base=read_number(base),
        alone=(known.headline(item),) if told else (),
    )
