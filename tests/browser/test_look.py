"""How it looks in pages that have styles of their own, and that it leaves those alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway, running_gateway
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

HOSTS = Path(__file__).parent / "hosts"
BOOTSTRAP = HOSTS.parents[2] / "client" / "node_modules" / "bootstrap" / "dist" / "css" / "bootstrap.min.css"
STYLES = {name: HOSTS / f"{name}.css" for name in ("reset", "sphinx", "mkdocs")} | {"bootstrap": BOOTSTRAP}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A page with styles of its own</title>
<link rel="icon" href="data:,">
<style>
  {css}
  /* What a page may well decide is made the same everywhere, so that the rest can be compared. */
  html {{ font-size: 16px }}
  body {{ margin: 1rem }}
  stage-door {{ font: 16px/1.5 "DejaVu Sans", sans-serif; --stagedoor-mono: 14px/1.45 "DejaVu Sans Mono", monospace }}
</style>
{script}
<article class="md-typeset rst-content">
<section id="host"><h1>Title</h1><p>Words, <a href="#">a link</a>, <code>code</code>.</p><pre>text</pre>
<ul><li>one</li></ul><table><tr><th>a</th></tr><tr><td>1</td></tr></table>
<label>Label <input type="text" value="x"></label><button>Button</button><select><option>1</option></select>
<details><summary>More</summary>inside</details><math><mi>x</mi></math><svg width="5" height="5"></svg></section>
<stage-door app="gallery">loading…</stage-door>
</article>
"""

MEASURE = """() => {
  const path = (element) => {
    const steps = [];
    for (let at = element; at.localName !== "stage-door"; at = at.parentElement) {
      steps.unshift(at.localName + [...at.classList].map((name) => "." + name).join(""));
    }
    return steps.slice(-3).join(" > ");
  };
  const wanted = "stage-door :is(.jupyter-widgets, .jupyter-widgets *, .stagedoor-outputs *)";
  return [...document.querySelectorAll(wanted)]
    .filter((element) => !element.closest("svg, math, select") && element.checkVisibility())
    .map((element) => {
      const { width, height } = element.getBoundingClientRect();
      const { color, backgroundColor } = getComputedStyle(element);
      return { path: path(element), width, height, color, backgroundColor };
    });
}"""

COMPUTED = """() => {
  const elements = [document.documentElement, document.body, ...document.querySelectorAll("#host, #host *")];
  // The element itself makes its ancestors higher.
  const told = (name) => !/^(--|height|block-size|perspective-origin|transform-origin)/.test(name);
  return elements.map((element) => {
    const style = getComputedStyle(element);
    const rules = [...style].filter(told).map((name) => `${name}: ${style.getPropertyValue(name)}`);
    return [element.localName, ...rules];
  });
}"""


@pytest.fixture(scope="module")
def gallery(site: tuple[Path, str]) -> Iterator[Gateway]:
    with running_gateway([HOSTS / "gallery.py"], "--allow-origin", site[1]) as gateway:
        yield gateway


class Visits:
    """Visits to pages with the gallery in them."""

    def __init__(self, browser: Browser, site: tuple[Path, str], gateway: Gateway) -> None:
        self._browser = browser
        self._folder, self._origin = site
        self._gateway = gateway

    def open(self, style: str, *, element: bool = True, **options: Any) -> Page:
        """A page with this style, the gallery drawn; without ``element``, the same page without our script."""
        script = f'<script type="module" src="{self._gateway.url}/stagedoor.js"></script>' if element else ""
        css = STYLES[style].read_text() if style else ""
        (self._folder / "page.html").write_text(PAGE.format(css=css, script=script))
        page = self._browser.new_page(**({"viewport": {"width": 1000, "height": 800}} | options))
        page.goto(f"{self._origin}/page.html")
        if element:
            page.wait_for_selector('stage-door[state="recorded"]')
            page.evaluate("() => document.fonts.ready")
        if folder := os.environ.get("STAGEDOOR_TEST_SHOTS"):
            name = os.environ["PYTEST_CURRENT_TEST"].rpartition("::")[2].partition(" ")[0]
            page.screenshot(path=f"{folder}/{name}-{style or 'plain'}.png", full_page=True)
        return page


@pytest.fixture(scope="module")
def visits(browser: Browser, site: tuple[Path, str], gallery: Gateway) -> Visits:
    return Visits(browser, site, gallery)


@pytest.fixture(scope="module")
def plain(visits: Visits) -> list[dict[str, Any]]:
    """The measures of everything in a page that has no styles."""
    page = visits.open("")
    measures: list[dict[str, Any]] = page.evaluate(MEASURE)
    page.close()
    return measures


@pytest.mark.parametrize("style", STYLES)
def test_no_host_style_moves_a_widget(style: str, visits: Visits, plain: list[dict[str, Any]]) -> None:
    page = visits.open(style)
    found = page.evaluate(MEASURE)
    page.close()
    assert [one["path"] for one in found] == [one["path"] for one in plain]
    changed = [
        f"{one['path']}: {one['width']:g} x {one['height']:g}, was {other['width']:g} x {other['height']:g}"
        for one, other in zip(found, plain, strict=True)
        if abs(one["width"] - other["width"]) > 2 or abs(one["height"] - other["height"]) > 2
    ]
    assert not changed, "\n".join(changed)


@pytest.mark.parametrize("style", ["", *STYLES])
def test_no_rule_leaks_into_the_host_page(style: str, visits: Visits) -> None:
    before, after = (visits.open(style, element=element) for element in (False, True))
    without, with_element = before.evaluate(COMPUTED), after.evaluate(COMPUTED)
    before.close()
    after.close()
    assert without == with_element


CONTRASTS = """() => {
  const pixel = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colours) => {
    pixel.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      pixel.fillStyle = colour;
      pixel.fillRect(0, 0, 1, 1);
    }
    return [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const says = (element) =>
    element.matches("input:not([type=checkbox], [type=radio], [type=color], [type=file]), select, textarea") ||
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  return [...document.querySelectorAll("stage-door *")]
    .filter((element) => says(element) && element.checkVisibility({ visibilityProperty: true }))
    .map((element) => {
      const grounds = ["Canvas"];
      for (let at = element; at; at = at.parentElement) grounds.splice(1, 0, getComputedStyle(at).backgroundColor);
      const canvas = Object.assign(document.createElement("i"), { style: "color: Canvas" });
      document.body.append(canvas);
      grounds[0] = getComputedStyle(canvas).color;
      canvas.remove();
      const [light, dark] = [over([...grounds, getComputedStyle(element).color]), over(grounds)]
        .map(luminance)
        .sort((a, b) => b - a);
      const words = (element.value ?? element.textContent).trim().slice(0, 20);
      return { what: `${element.localName}.${element.className} ${words}`, ratio: (light + 0.05) / (dark + 0.05) };
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(scheme: str, visits: Visits) -> None:
    page = visits.open("", color_scheme=scheme)
    found = page.evaluate(CONTRASTS)
    page.close()
    assert len(found) > 50
    weak = [f"{one['ratio']:.2f}: {one['what']}" for one in found if one["ratio"] < 4.5]  # WCAG 2.2, 1.4.3
    assert not weak, "\n".join(weak)


def test_a_phone_is_wide_enough(visits: Visits) -> None:
    page = visits.open("", viewport={"width": 360, "height": 740})
    beyond = page.evaluate("""() => [...document.querySelectorAll("stage-door .jupyter-widgets")]
      .filter((widget) => widget.checkVisibility() && widget.getBoundingClientRect().right > innerWidth + 1)
      .map((widget) => widget.className)""")
    scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.close()
    assert beyond == []
    assert not scrolls


def test_nothing_moves_for_whoever_does_not_want_it(visits: Visits) -> None:
    page = visits.open("", reduced_motion="reduce")
    moving = page.evaluate("""() => [...document.querySelectorAll("stage-door, stage-door *")]
      .filter((element) => !/^(0s(, )?)+$/.test(getComputedStyle(element).transitionDuration))
      .map((element) => element.className)""")
    page.close()
    assert moving == []


def test_the_keyboard_is_enough(visits: Visits) -> None:
    page = visits.open("")
    page.focus("stage-door [role=slider]")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("stage-door .widget-readout >> nth=0") == "31"
    page.focus("stage-door [role=tab][aria-selected=true]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=second page", state="visible")
    page.close()
