"""Crossings drawn by plotly: they run the way the page is read."""

from barometre.results.charts import Series, draw_crossing

ONE = Series("Oui", (0.25, None), "#12436D", hatched=False)


def test_bars_begin_where_reading_begins() -> None:
    left, right = (draw_crossing(["A", "B"], [ONE], ", ", rtl=rtl)["layout"] for rtl in (False, True))
    assert (left["xaxis"]["range"], left["yaxis"]["side"]) == ([0, 100], "left")
    assert (right["xaxis"]["range"], right["yaxis"]["side"]) == ([100, 0], "right")


def test_a_group_that_is_not_shown_has_no_bar() -> None:
    (bar,) = draw_crossing(["A", "B"], [ONE], ", ")["data"]
    assert bar["x"] == [25.0, None]
