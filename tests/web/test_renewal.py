"""An app's file changes while it is served."""

from __future__ import annotations

from pathlib import Path

from gateway import running_gateway, wait_until

OLD = """
import ipywidgets
slider = ipywidgets.IntSlider(value=1)
slider.observe(lambda change: print("old", change["new"]), "value")
display(slider)
"""


def test_pages_of_before_go_on_and_new_ones_show_the_change(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(OLD)
    with running_gateway([app]) as gateway, gateway.page("app") as old:
        generation = old.recording.generation
        app.write_text(OLD.replace("value=1", "value=2").replace('"old"', '"new"'))
        wait_until(lambda: gateway.recording("app").generation != generation, 30)
        with gateway.page("app") as new, gateway.page("app", generation=generation) as late:
            new.until_done(new.update(new.comm("IntSliderModel", value=2), value=5))
            old.until_done(old.update(old.comm("IntSliderModel", value=1), value=6))
            late.until_done(late.update(old.comm("IntSliderModel", value=1), value=7))
        assert (old.text, new.text, late.text) == ("old 6\n", "new 5\n", "old 7\n")


def test_a_change_that_breaks_the_app_is_reported_and_the_last_good_one_is_served(tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(OLD)
    with running_gateway([app]) as gateway:
        generation = gateway.recording("app").generation
        app.write_text("1 / 0")
        wait_until(lambda: gateway.logged("ZeroDivisionError"), 30)
        assert gateway.recording("app").generation == generation
