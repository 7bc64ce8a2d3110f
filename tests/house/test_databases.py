"""The two kinds of database that every test of storage runs on are real, empty and alone."""

from sqlalchemy import create_engine, inspect, text


def test_a_test_starts_with_an_empty_database(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        assert inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(text("create table left_behind (id integer primary key)"))
        assert inspect(engine).get_table_names() == ["left_behind"]
    finally:
        engine.dispose()


def test_the_next_test_sees_nothing_of_it(database_url: str) -> None:
    test_a_test_starts_with_an_empty_database(database_url)
