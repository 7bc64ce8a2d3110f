"""Interviews held through the application's own modules while network, server and browser fail."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

from tests.faults.field import Field
from tests.faults.ledger import Verdict
from tests.faults.meant import Meant, draw_meant

#: interviews held at the same time: the writes of a tablet wait for its disk one after the other
TOGETHER = 20
#: rounds of the sender in the storm, for each batch
ROUNDS = 2
#: envelopes between two deaths of the server, on average
KILL_AFTER = 60


@dataclass
class Told:
    """What the tablet acknowledged of one interview, each time after the write."""

    uuid: str
    answers: dict[str, int | str] = field(default_factory=dict)
    sealed: bool = False


class BrokenPromise(AssertionError):
    """Something that was acknowledged is not on the tablet."""


class Campaign:
    """One tablet's interviews: what they mean, and what the tablet said of them."""

    def __init__(self, field: Field, seed: int) -> None:
        """Sign in and keep the pages while nothing fails."""
        self.field = field
        self.meant: list[Meant] = []
        self.told: dict[int, Told] = {}
        #: acknowledged writes that were looked for after a death of the browser
        self.checked = 0
        self._chance = random.Random(seed)
        self._acknowledged = 0
        field.prepare()
        self._page = self._reopen()

    def hold(self, number: int, *, browser_kills: int = 0) -> None:
        """Hold and send `number` interviews in a storm; the browser dies in the midst of it."""
        places = range(len(self.meant), len(self.meant) + number)
        self.meant += [draw_meant(self.field.questionnaire, self._chance) for _ in places]
        with self.field.proxy.storm(KILL_AFTER):
            for _ in range(browser_kills):
                if left := self._list_open(places):
                    self._hold_until_killed(left)
            plans = [self._write_plan(place) for place in self._list_open(places)]
            self._page.evaluate("(plans) => tablet.hold(plans)", plans)
            for _ in range(ROUNDS):
                self._page.evaluate("tablet.send()")

    def drain(self) -> None:
        """Send what still waits, on a network that works."""
        self.field.server.wait_until_back()
        self._page.evaluate("tablet.send()")

    def conclude(self) -> tuple[str, Verdict]:
        """The figures, and what was meant beside what the tablet and the server keep."""
        kept = self._read()
        held = {told.uuid: self.meant[place] for place, told in self.told.items()}
        assert len(held) == len(self.meant), "two interviews of one uuid, or one that never began"
        return self.field.describe(kept, self.checked), self.field.compare(held, kept)

    def _list_open(self, places: Iterable[int]) -> list[int]:
        """Those that are not known to be finished."""
        return [place for place in places if place not in self.told or not self.told[place].sealed]

    def _write_plan(self, place: int) -> dict[str, Any]:
        meant, told = self.meant[place], self.told.get(place)
        return {
            "place": place,
            "uuid": told and told.uuid,
            "language": meant.language,
            "disposition": meant.disposition,
            "answers": [given for given in meant.answers.items() if not told or given[0] not in told.answers],
        }

    def _hold_until_killed(self, places: list[int]) -> None:
        """Begin or go on, while sending; kill the browser after some more writes and see what it kept."""
        plans = [self._write_plan(place) for place in places]
        writes = sum(2 + len(plan["answers"]) for plan in plans)
        until = self._acknowledged + self._chance.randrange(1, writes)
        with self._page.expect_console_message(lambda _: self._acknowledged >= until):
            # Not awaited: nobody will be there to answer.
            self._page.evaluate("(plans) => { tablet.hold(plans); tablet.send(); }", plans)
        self.field.browser.kill()
        self._page = self._reopen()
        kept = self._read()
        self._adopt(places, kept)
        self._check_promises(places, kept)

    def _read(self) -> dict[str, dict[str, Any]]:
        """The tablet's memory, by uuid."""
        return {row["uuid"]: row for row in self._page.evaluate("tablet.read()")}

    def _reopen(self) -> Page:
        self.field.browser.close()
        page = self.field.browser.open()
        page.on("console", self._listen)
        self.field.open_modules(page)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type != "debug":
            return
        fact = json.loads(message.text)["acknowledged"]
        self._acknowledged += 1
        place = fact["place"]
        if "uuid" in fact:
            known = self.told.setdefault(place, Told(fact["uuid"]))
            assert known.uuid == fact["uuid"], "an interview was resumed as another one"
        elif "item" in fact:
            self.told[place].answers[fact["item"]] = fact["given"]
        else:
            self.told[place].sealed = True

    def _adopt(self, places: list[int], kept: dict[str, dict[str, Any]]) -> None:
        """Recognise the interviews that began and could not say so: none of them is held twice."""
        nameless = [place for place in places if place not in self.told]
        for uuid in kept.keys() - {told.uuid for told in self.told.values()}:
            row = kept[uuid]
            place = next(
                place
                for place in nameless
                if self.meant[place].language == row["language"]
                and row["answers"].items() <= self.meant[place].answers.items()
                # What is sealed shows no answer any more, but how it ended.
                and row["disposition"] in (None, self.meant[place].disposition)
            )
            nameless.remove(place)
            self.told[place] = Told(uuid)

    def _check_promises(self, places: list[int], kept: dict[str, dict[str, Any]]) -> None:
        """Whatever was acknowledged is there; what was written without being acknowledged may be."""
        for place in places:
            told = self.told.get(place)
            if told is None:
                continue
            row = kept.get(told.uuid)
            if row is None:
                raise BrokenPromise(f"{told.uuid} began and is gone")
            if row["finished"] != row["sealed"] or told.sealed > row["sealed"]:
                raise BrokenPromise(f"{told.uuid} was sealed and is not in the outbox")
            self.checked += 1 + told.sealed
            told.sealed = row["sealed"]
            if told.sealed:
                # Its answers can only be read on the server: they are compared at the end.
                continue
            journal = {(item, given) for item, given in self._page.evaluate("tablet.readJournal", told.uuid)}
            if not told.answers.items() <= row["answers"].items() & journal:
                raise BrokenPromise(f"an acknowledged answer of {told.uuid} is gone")
            self.checked += len(told.answers)
            # What was written without having been able to say so goes on from there.
            told.answers = row["answers"]
