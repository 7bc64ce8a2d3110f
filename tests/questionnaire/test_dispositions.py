"""Outcomes of an encounter."""

import re

from barometre.questionnaire.dispositions import BY_SLUG, COUNTABLE, DISPOSITIONS

#: AAPOR's groups: interviews 1, refusals and break-offs 2.1, non-contacts 2.2, others 2.3, unknown 3, out 4
GROUPS = {"interview": "1.", "refusal": "2.1", "non_contact": "2.2", "other": "2.3", "not_eligible": "4."}


def test_every_outcome_has_one_slug_and_one_label() -> None:
    assert len(BY_SLUG) == len({outcome.label for outcome in DISPOSITIONS}) == len(DISPOSITIONS)


def test_every_number_belongs_to_the_group_of_its_kind() -> None:
    for outcome in DISPOSITIONS:
        assert re.fullmatch(r"\d\.\d{1,2}", outcome.aapor), outcome.slug
        assert outcome.aapor.startswith(GROUPS[outcome.kind]), outcome.slug


def test_only_an_interview_that_was_begun_can_count() -> None:
    assert all(BY_SLUG[slug].ends_interview for slug in COUNTABLE)
    assert not any(BY_SLUG[slug].kind == "not_eligible" for slug in COUNTABLE)


def test_a_refusal_is_not_in_the_base() -> None:
    assert "refusal" not in COUNTABLE
