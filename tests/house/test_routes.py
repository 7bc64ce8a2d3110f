"""How addresses are written."""

import re

from flask import Flask

from tests.house.test_access import list_rules

PARAMETER = re.compile(r"<(?:(?P<type>\w+)(?:\(.*?\))?:)?(?P<name>\w+)>")
SEGMENT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: files whose name a browser or a standard fixes
FIXED = {"sw.js", "manifest.webmanifest", "robots.txt", "openapi.json", ".csv", ".svg"}

#: parameters that are words of the survey files
WORDS = {"slug", "wave_id", "language", "build", "entry", "item", "domain", "name"}


def test_addresses_are_in_kebab_case(house: Flask) -> None:
    wrong = [
        rule.rule
        for rule in list_rules(house)
        for segment in PARAMETER.sub("", rule.rule).split("/")
        if segment and segment not in FIXED and not SEGMENT.fullmatch(segment)
    ]
    assert not wrong


def test_a_parameter_without_a_type_is_a_known_word(house: Flask) -> None:
    untyped = [
        rule.rule
        for rule in list_rules(house)
        for parameter in PARAMETER.finditer(rule.rule)
        if not parameter["type"] and parameter["name"] not in WORDS
    ]
    assert not untyped, "write <int:person_id>, <uuid:uuid>"


def test_one_address_has_one_route(house: Flask) -> None:
    seen = [
        (rule.rule, method) for rule in list_rules(house) for method in (rule.methods or set()) - {"OPTIONS"}
    ]
    assert len(seen) == len(set(seen))


def test_what_only_reads_and_what_changes_are_told_apart_by_their_method(house: Flask) -> None:
    verbs = {
        "deactivate",
        "reactivate",
        "revoke",
        "delete",
        "exclude",
        "sign-out",
        "adopt",
        "withdraw",
        "hide",
    }
    wrong = [
        rule.rule
        for rule in list_rules(house)
        if verbs & set(rule.rule.split("/")) and "GET" in (rule.methods or set())
    ]
    assert not wrong, "a link must not change anything"
