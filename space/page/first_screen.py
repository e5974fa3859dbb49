"""The first screen: the example's head in a plain layout, before Gradio has drawn the page.

Gradio loads about a hundred scripts first. The viewer needs none of them; `first_screen.js` moves
it into Gradio's page when that is there.
"""

import json
import re
from functools import cache
from html import escape
from pathlib import Path

from space import text
from space.components import hint_status
from space.page.modules import modules_of
from space.reconstruct.kept import TOKEN
from space.reconstruct.service import ExampleHead
from space.theme import theme_css
from space.viewer import STYLE_ID, WEB_FOLDER, head_element, served_at, shown_by_url

VIEWER = WEB_FOLDER / "viewer.js"

_SCRIPT = """<script>
(() => {
  const asked = new URLSearchParams(location.search);
  const isElsewhere = asked.get("tab") && asked.get("tab") !== FIRST_TAB;
  if (!window.daslGreeting || isElsewhere) return;
  const script = document.currentScript;
  const screen = script.previousElementSibling.content.firstElementChild;
  const [mode, system] = [asked.get("__theme"), matchMedia("(prefers-color-scheme: dark)")];
  screen.classList.toggle("dark", mode === "dark" || (mode !== "light" && system.matches));
  screen.querySelector("head-viewer").shown = window.daslGreeting;
  script.before(screen);
})();
</script>"""
"""Shows the first screen, unless this tab has its own head or the address names another tab."""


def early_links(example: ExampleHead | None) -> str:
    """What the viewer needs, for the top of <head>: before Gradio's scripts.

    Args:
        example: the head that greets; None if it is not ready.
    """
    scripts = [f'<link rel="modulepreload" href="{served_at(path)}">' for path in _modules()]
    if example is None:
        return "\n".join(scripts)
    files = (example.glb, Path(example.behind["photo"]["path"]))
    head, photo = (escape(served_at(path)) for path in files)
    return "\n".join(
        [
            f'<link rel="preload" as="fetch" crossorigin="anonymous" href="{head}">',
            *scripts,
            f'<link rel="preload" as="image" href="{photo}">',
            f'<script type="module" async src="{served_at(VIEWER)}" {_IF_BLOCKED}></script>',
            f'<style id="{STYLE_ID}">{_style("viewer")}</style>',
            f"<script>{_greeting(example)}</script>",
        ]
    )


_IF_BLOCKED = """onerror="document.getElementById('first-screen')?.remove()" """.strip()


def _greeting(example: ExampleHead) -> str:
    shown = shown_by_url(example.glb, text.GREETING_TITLE, example.behind)
    written = json.dumps(shown).replace("<", "\\u003c")  # cannot close a script element
    return f'window.daslGreeting = sessionStorage.getItem("{TOKEN}") ? null : {written};'


@cache
def first_screen() -> str:
    """The first screen, for the top of <body>; inert without scripts."""
    first, *others = text.TABS
    links = "".join(f'<a href="?tab={name.lower()}">{name}</a>' for name in others)
    boxes = "".join(
        f'<span class="first-{name}"></span>' for name in ("photo", "examples", "several")
    )
    styles = f"<style>{theme_css()}{_style('style')}{_style('first_screen')}</style>"
    return (
        f'<template><div id="first-screen">{styles}<div class="first-page">{text.HEADER}'
        f'<nav class="first-tabs"><a aria-current="page">{escape(first)}</a>{links}</nav>'
        f'<div class="first-columns"><div class="first-left">{boxes}</div>'
        f'<div class="first-right">{hint_status(text.GREETING)}'
        f"{head_element(text.EMPTY_VIEWER, greets=True, inside=_WAITING)}</div></div></div></div>"
        f"</template>\n{_SCRIPT.replace('FIRST_TAB', json.dumps(first.lower()))}\n"
    )


_WAITING = (
    '<div class="hv"><div class="hv-stage"><p class="hv-note">Loading the head …</p></div></div>'
)


def _style(name: str) -> str:
    written = (WEB_FOLDER / f"{name}.css").read_text(encoding="utf-8")
    return re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL)


@cache
def _modules() -> list[Path]:
    return modules_of(VIEWER)
