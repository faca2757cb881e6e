"""A calm sheet of HTML: its style, its frame, its headers, and which language its reader likes.

It loads nothing, runs nothing and is kept nowhere.
"""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from string import Template

from bot.words import LOCALES, say

STYLE = """
:root { color-scheme: light dark; --ink: #1d1c1d; --soft: #5e5d60; --paper: #fbfaf7;
  --card: #fff; --line: #e4e1d8; --mark: #1f6f4a; --on-mark: #fff; --wrong: #a8321f; }
@media (prefers-color-scheme: dark) { :root { --ink: #ecebe8; --soft: #a9a8a5; --paper: #17181a;
  --card: #1f2124; --line: #34363a; --mark: #6fcf97; --on-mark: #10231a; --wrong: #f0907c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, sans-serif; }
main { max-width: 38rem; margin: 12vh auto; padding: 0 1.25rem; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; letter-spacing: -.01em; }
p { margin: .5rem 0; }
.mode, .how { color: var(--soft); font-size: .9375rem; }
"""
_HTML = Template("""<!doctype html>
<html lang="$locale">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
$body
</main>
</body>
</html>
""")
_PREFERENCE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9-]+)?(?:;q=([01](?:\.[0-9]{1,3})?))?")


def framed(locale: str, title: str, body: str, style: str) -> str:
    """A whole page; `body` is HTML, `title` text, `style` what `headers` were made for."""
    return _HTML.substitute(locale=locale, title=html.escape(title), style=style, body=body)


def headers(style: str, *, forms: bool = False) -> Mapping[str, str]:
    """What goes with a page of that style; with `forms` it may post to ourselves.

    A browser that is to keep every referrer to itself calls the origin of a form "null": to know
    our own forms, pages that have some let us, and nobody else, be told.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    target = "'self'" if forms else "'none'"
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; "
        f"base-uri 'none'; form-action {target}; frame-ancestors 'none'",
        "Referrer-Policy": "same-origin" if forms else "no-referrer",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def spoken(header: str, otherwise: str) -> str:
    """Our language that an Accept-Language header likes best (RFC 9110, section 12.5.4)."""
    liked: list[tuple[float, str]] = []
    for part in header.split(","):
        found = _PREFERENCE.fullmatch(part.replace(" ", ""))
        if found and found[1].lower() in LOCALES and float(found[2] or 1) > 0:
            liked.append((float(found[2] or 1), found[1].lower()))
    # Of those liked equally the first one wins: max keeps it.
    return max(liked, key=lambda one: one[0])[1] if liked else otherwise


def said(locale: str, key: str, /, **values: object) -> str:
    """Words as HTML's text."""
    return html.escape(say(locale, key, **values))
