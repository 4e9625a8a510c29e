"""The words of a failed script: from QuickJS's messages to the ones that the server's GraalJS answers.

`Error evaluating the script `MESSAGE` at line N`. The line is missing for an error that the script made with `new`, and
for one that a library function raised (scenarios tasks_inline_throws, tasks_inline_syntax_errors).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

#: The prelude begins on this line, so frames at or after it are not the script's.
PRELUDE_LINE = 20_000

_FRAME = re.compile(r"<input>:(\d+):(\d+)")
_NATIVE = re.compile(r"^\s*at [^\n(]*\(native\)")


@dataclass(frozen=True, slots=True)
class Thrown:
    """What came out of a script: an error (`stack` is there) or any other value (`message` is its text)."""

    name: str
    message: str
    stack: str | None = None
    made_by_script: bool = False
    line: int | None = None

    def at_line(self, line: int) -> Thrown:
        return replace(self, line=line)


def error_text(thrown: Thrown, source: str) -> str:
    """The text of the failed task."""
    if thrown.stack is None:
        return _text(thrown.message, thrown.line)
    if thrown.made_by_script:
        return _text(_named(thrown.name, thrown.message), None)
    place = _first_place(thrown.stack)
    if thrown.name == "SyntaxError" and place is not None and not _NATIVE.match(thrown.stack):
        return _text(f"SyntaxError: {_syntax_error(thrown.message, source, *place)}", place[0])
    message, in_library = _runtime_message(thrown, source, place)
    return _text(_named(thrown.name, message), None if in_library or place is None else place[0])


def syntax_error_text(thrown: Thrown, source: str, prefix: int = 0) -> str | None:
    """`SyntaxError: inline:…` for a script that did not parse; `prefix` characters stood before it. Else None."""
    place = _first_place(thrown.stack or "")
    if thrown.name != "SyntaxError" or place is None:
        return None
    line, column = place
    return f"SyntaxError: {_syntax_error(thrown.message, source, line, column - prefix if line == 1 else column)}"


def throw_lines(source: str) -> list[int]:
    """The lines on which the script says `throw`, one for each."""
    return [source.count("\n", 0, match.start()) + 1 for match in re.finditer(r"\bthrow\b", source)]


def _text(message: str, line: int | None) -> str:
    return f"Error evaluating the script `{message}`" + ("" if line is None else f" at line {line}")


def _named(name: str, message: str) -> str:
    return f"{name}: {message}" if name and message else name or message


def _first_place(stack: str) -> tuple[int, int] | None:
    for line, column in _FRAME.findall(stack):
        if int(line) < PRELUDE_LINE:
            return int(line), int(column)
    return None


# -- at run time -----------------------------------------------------------------------------------------------------
_RUNTIME: tuple[tuple[str, str], ...] = (
    (r"cannot (read|set|delete) property", r"Cannot \1 property"),
    (r"'([^']*)' is read-only", r'Assignment to constant "\1"'),
    (r"empty array", "Reduce of empty array with no initial value"),
    (r"invalid array length", "Invalid array length"),
    (r"expecting hex digit|expecting %|malformed UTF-8", "illegal escape sequence"),
    (r"cannot convert symbol to (?:string|number)", "Cannot convert a Symbol value to a string"),
    (r"cannot convert (?:bigint|BigInt) to number", "Cannot convert a BigInt value to a number"),
    (r"invalid repeat count", "illegal repeat count"),
    (r"invalid number of digits", "toFixed() fraction digits need to be in range 0-100"),
    (r"cannot convert to BigInt: not an integer", "BigInt out of range"),
    (r"invalid 'instanceof' right operand", "Right-hand-side of instanceof is not an object"),
    (r"parent class must be constructor", "not a constructor"),
    (r"(\S+) is not initialized", r"\1 is not defined"),
)


def _runtime_message(thrown: Thrown, source: str, place: tuple[int, int] | None) -> tuple[str, bool]:
    """The message, and whether it comes from a library function (which has no line)."""
    stack = thrown.stack or ""
    in_library = bool(_NATIVE.match(stack)) and "invalid array length" not in thrown.message
    if thrown.message in ("not a function", "not a constructor") and place is not None:
        what = _callee(source, *place)
        is_new = thrown.message == "not a constructor" or _preceded_by_new(source, *place)
        return f"{what} is not a {'constructor' if is_new else 'function'}" if what else thrown.message, in_library
    for pattern, words in _RUNTIME:
        match = re.fullmatch(pattern + (".*" if pattern.startswith("cannot (") else ""), thrown.message, re.DOTALL)
        if match:
            return re.sub(pattern, words, thrown.message, count=1), in_library
    return thrown.message, in_library


def _line(source: str, number: int) -> str:
    lines = source.split("\n")
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _callee(source: str, line: int, column: int) -> str:
    """The text of what was called at this place."""
    text = _line(source, line)
    at = min(column - 1, len(text))
    start = at
    while start > 0 and re.match(r"[\w$.\])]", text[start - 1]):
        start -= 1
    literal = re.compile(r"\(\s*([\w$.'\"]+)\s*\)").match(text, start)
    if literal:
        return literal.group(1)
    match = re.compile(r"(?:new\s+)?\s*([\w$]+(?:\??\.[\w$]+|\[[^\]]*\])*)").match(text, start)
    return match.group(1) if match else ""


def _preceded_by_new(source: str, line: int, column: int) -> bool:
    return bool(re.search(r"\bnew\s*[\w$.]*$", _line(source, line)[: max(0, column - 1)]))


# -- syntax ----------------------------------------------------------------------------------------------------------
def _syntax_error(message: str, source: str, line: int, column: int) -> str:
    """`inline:LINE:COLUMN WORDS`, the line and a mark below it; columns are counted from 0."""
    text = _line(source, line)
    at = max(0, column - 1)
    for pattern, explain in _SYNTAX:
        match = re.match(pattern, message)
        if match:
            words, at = explain(match, text, at)
            break
    else:
        words = message[:1].upper() + message[1:]
    found = _marked(words, text, line, at)
    if words == "Expected an operand but found }" and text[at:] == "} scriptFun();":
        # The brace that was meant to end the function went into the unfinished expression.
        found += _marked("Expected } but found eof", text, line, len(text))
    return found


def _marked(words: str, text: str, line: int, at: int) -> str:
    return f"inline:{line}:{at} {words}\n{text}\n{' ' * at}^\n"


def _token(text: str, at: int) -> str:
    match = re.compile(r"[\w$]+|\S").match(text, at)
    return match.group() if match else "eof"


def _operand(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    found = _token(text, at)
    if found == "}" and text.count("{", 0, at) <= text.count("}", 0, at):
        return "Expected eof but found }", at
    return f"Expected an operand but found {found}", at


def _semicolon(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    awaiting = re.search(r"\bawait\s+$", text[:at])
    if awaiting:
        return "await is only valid in async functions and the top level bodies of modules", awaiting.start()
    return f"Expected ; but found {_token(text, at)}", at


def _declared(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    name = re.search(r"([\w$]+)\s*$", text[:at])
    if name is None:
        return "Variable has already been declared", at
    return f'Variable "{name.group(1)}" has already been declared', name.start()


def _number(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    digits = re.compile(r"[0-9.]*").match(text, at)
    return "Missing space after numeric literal", digits.end() if digits else at


def _closing(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    open_brackets: list[str] = []
    for char in text:
        if char in "([{":
            open_brackets.append({"(": ")", "[": "]", "{": "}"}[char])
        elif open_brackets and char == open_brackets[-1]:
            open_brackets.pop()
    return f"Expected {open_brackets[-1] if open_brackets else 'an operand'} but found {_token(text, at)}", at


def _import(_match: re.Match[str], text: str, at: int) -> tuple[str, int]:
    statement = re.search(r"\b(import|export)\b[^;]*$", text[:at])
    if statement:
        return f"Expected an operand but found {statement.group(1)}", statement.start()
    return f"Expected ; but found {_token(text, at)}", at


_SYNTAX: tuple[tuple[str, Callable[[re.Match[str], str, int], tuple[str, int]]], ...] = (
    ("unexpected token in expression", _operand),
    ("return not in a function", lambda m, text, at: ("Invalid return statement", at)),
    ("invalid number literal", _number),
    ("unexpected end of (?:string|template)", lambda m, text, at: ("Missing close quote", len(text))),
    ("unexpected end of regexp", lambda m, text, at: ("Expected an operand but found /", at)),
    ("expecting ';'", _semicolon),
    ("expecting '(.*)'", lambda m, text, at: (f"Expected {m.group(1)} but found {_token(text, at)}", at)),
    ("invalid redefinition", _declared),
    (
        r"(?:(?:function|variable|field|property) name|identifier) expected|expecting (?:field|property|variable) name",
        lambda m, text, at: (f"Expected ident but found {_token(text, at)}", at),
    ),
    ("Unexpected end of input", _closing),
    ("Unexpected identifier", _import),
)
