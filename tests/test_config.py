"""The settings: what refuses to start, and what is assumed."""

from pathlib import Path

import pytest

from barometre.config import CHECKOUT, Config, ConfigError

GIVEN = {"SECRET_KEY": "a secret", "DATABASE_URL": "sqlite:///barometre.sqlite"}


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_setting_refuses_to_start_and_is_named(name: str, value: str | None) -> None:
    environment = (
        GIVEN | {name: value} if value is not None else {k: v for k, v in GIVEN.items() if k != name}
    )
    with pytest.raises(ConfigError, match=name):
        Config.from_env(environment)


def test_two_missing_settings_are_both_named() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY and DATABASE_URL"):
        Config.from_env({})


def test_what_is_not_given_is_the_safe_choice() -> None:
    config = Config.from_env(GIVEN)
    assert config.secure_cookies
    assert not config.demonstration
    assert config.trusted_proxies == 0
    assert (config.surveys_dir, config.town) == (CHECKOUT / "surveys", "niort")
    assert config.translations_dir == CHECKOUT / "translations"


def test_the_keys_are_in_the_file_that_is_named(tmp_path: Path) -> None:
    assert Config.from_env(GIVEN).sealing_keys is None
    assert Config.from_env(GIVEN | {"SEALING_KEYS": str(tmp_path / "k")}).sealing_keys == tmp_path / "k"


def test_another_town_is_another_folder(tmp_path: Path) -> None:
    config = Config.from_env(GIVEN | {"SURVEYS_DIR": str(tmp_path), "TOWN": "bourg"})
    assert config.surveys_dir / config.town == tmp_path / "bourg"


def test_the_demonstration_drops_what_http_cannot_do() -> None:
    config = Config.from_env(GIVEN | {"INSECURE_COOKIES": "1", "DEMONSTRATION": "1"})
    assert not config.secure_cookies
    assert config.demonstration


@pytest.mark.parametrize(
    ("name", "value"), [("INSECURE_COOKIES", "yes"), ("DEMONSTRATION", "true"), ("TRUSTED_PROXIES", "one")]
)
def test_a_setting_that_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Config.from_env(GIVEN | {name: value})


def test_secrets_do_not_show_when_the_settings_are_printed() -> None:
    config = Config.from_env(GIVEN)
    assert "a secret" not in repr(config)
    assert "barometre.sqlite" not in repr(config)
