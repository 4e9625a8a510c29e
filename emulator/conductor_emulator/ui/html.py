"""What the pages have in common: the frame, the style, and small pieces. Everything that is shown is escaped."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_STYLE: Final = """
:root { color-scheme: light dark; --line: #d5dae1; --soft: #667085; --panel: #f7f8fa; --bar: #e4e7ec }
@media (prefers-color-scheme: dark) { :root { --line: #38404d; --soft: #98a2b3; --panel: #1b2028; --bar: #2a313c } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 72rem; padding: 1.5rem }
h1 { font-size: 1.4rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
a { color: inherit } code, pre, .id { font: 13px/1.45 ui-monospace, monospace }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; margin: .25rem 0 .75rem;
  max-height: 24rem; overflow: auto; padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere }
.soft { color: var(--soft) }
.badge { border-radius: 999px; color: #fff; display: inline-block; font-size: .75rem; font-weight: 600;
  padding: .1rem .6rem; vertical-align: middle; background: #667085 }
.COMPLETED { background: #067647 } .RUNNING, .IN_PROGRESS { background: #175cd3 } .SCHEDULED { background: #5925dc }
.PAUSED, .SKIPPED, .COMPLETED_WITH_ERRORS { background: #b54708 }
.FAILED, .FAILED_WITH_TERMINAL_ERROR, .TIMED_OUT, .TERMINATED { background: #b42318 } .CANCELED { background: #475467 }
.reason { border-left: 3px solid #b42318; margin: .6rem 0; padding: .1rem .75rem; white-space: pre-wrap }
dl { display: grid; gap: .1rem 1rem; grid-template-columns: max-content 1fr; margin: .75rem 0 }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
details.task { border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0 }
details.task > summary { align-items: center; cursor: pointer; display: grid; gap: .2rem .8rem;
  grid-template-columns: minmax(8rem, 1.2fr) 7rem 1.5fr 5rem; list-style: none; padding: .5rem .8rem }
details.task > summary::-webkit-details-marker { display: none }
details.task > div { border-top: 1px solid var(--line); padding: .5rem .8rem }
.track { background: var(--bar); border-radius: 3px; height: 8px; position: relative }
.track i { border-radius: 3px; display: block; height: 8px; min-width: 3px; position: absolute }
.num { font-variant-numeric: tabular-nums; text-align: right }
table { border-collapse: collapse; width: 100% }
td, th { border-bottom: 1px solid var(--line); padding: .35rem .5rem; text-align: left }
""".strip()


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n"
    )


def badge(status: str) -> str:
    """A status in its colour."""
    return f'<span class="badge {escape(status)}">{escape(status)}</span>'


def moment(ms: int) -> str:
    """A moment in UTC; a dash for one that has not come."""
    if not ms:
        return "–"
    return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%d %H:%M:%S.") + f"{ms % 1000:03d} UTC"


def span(ms: int) -> str:
    """A length of time in words short enough for a column."""
    if ms < 1000:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def value(what: Any) -> str:
    """A JSON value, indented."""
    try:
        text = json.dumps(what, indent=2, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = "(nested too deeply to be shown)"
    return f"<pre>{escape(text)}</pre>"


def facts(pairs: list[tuple[str, str]]) -> str:
    """Names and (already escaped) values."""
    return "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{shown}</dd>" for name, shown in pairs) + "</dl>"
