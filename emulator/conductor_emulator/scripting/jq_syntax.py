"""From the text of a jq query to what evaluates it: the grammar of jackson-jq 0.0.13, older and smaller than jq's own.

No `label`, no `?` after a call, no `if` without `else`, no `$__loc__`: a query that the server refuses is refused here.
A compiled query is a function of a value and an environment that gives the list of all its results: the library
evaluates eagerly, so `first(1, error("x"))` fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from string import hexdigits
from typing import Any

from conductor_emulator.scripting import jq_tree as tree
from conductor_emulator.scripting.jq_tree import Access, Query
from conductor_emulator.scripting.jq_values import JqError

_TOKEN = re.compile(
    r"""
    (?P<space>(?:\s+|\#[^\n]*)+)
  | (?P<float>\d+\.\d+(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
  | (?P<int>\d+)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*)
  | (?P<op>//=|\.\.|//|==|!=|>=|<=|\|=|\+=|-=|\*=|/=|%=|[-+*/%=<>|,.:;()\[\]{}$@?])
  | (?P<quote>")
""",
    re.VERBOSE,
)
#: What may follow a backslash in a text, beside ``(`` and ``u``.
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}
_ESCAPED_IN_ERRORS = frozenset("'\"\\")
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "true",
        "false",
        "null",
        "if",
        "then",
        "elif",
        "else",
        "end",
        "as",
        "def",
        "reduce",
        "foreach",
        "try",
        "catch",
        "label",
    ]
)
_OPERAND = [
    '"-"',
    '"("',
    '"."',
    '".."',
    '"["',
    '"$"',
    '"@"',
    '"{"',
    '"true"',
    '"false"',
    '"null"',
    "<INTEGER_LITERAL>",
    "<FLOAT_LITERAL>",
    r'"\""',
    '"if"',
    '"def"',
    '"reduce"',
    '"foreach"',
    '"try"',
    "<IDENTIFIER>",
]
# What may follow a term, in the order in which the library lists it.
_BINARY_OPERATORS = [
    '"and"',
    '"or"',
    '"//"',
    '"=="',
    '"!="',
    '">"',
    '">="',
    '"<"',
    '"<="',
    '"+"',
    '"-"',
    '"*"',
    '"/"',
    '"%"',
    '"="',
    '"|="',
    '"+="',
    '"-="',
    '"*="',
    '"/="',
    '"%="',
    '"//="',
]
_FOLLOWERS = [
    *_BINARY_OPERATORS,
    '"("',
    '")"',
    '";"',
    "<IDENTIFIER_AFTER_DOT>",
    '"."',
    '"["',
    '"?"',
    '"]"',
    '"|"',
    '"@"',
    '":"',
    '"}"',
    '","',
    r'"\""',
    '"then"',
    '"elif"',
    '"else"',
    '"end"',
    '"as"',
    '"catch"',
]
#: By what was read last: which further tokens could continue it.
_CONTINUES = {
    "term": ['"."', '"["'],
    "access": ['"."', '"["', '"?"'],
    "name": ['"("', '"."', '"["'],
    "whole": [],
    "dot": ["<IDENTIFIER_AFTER_DOT>", '"["', '"@"', r'"\""'],
}
_KEYS = [
    '"true"',
    '"false"',
    '"null"',
    r'"\""',
    '"if"',
    '"then"',
    '"elif"',
    '"else"',
    '"end"',
    '"as"',
    '"def"',
    '"reduce"',
    '"foreach"',
    '"try"',
    '"catch"',
    '"label"',
    '"import"',
    '"include"',
    '"module"',
    "<IDENTIFIER>",
]
_BINARY = (("or",), ("and",), ("==", "!=", ">", ">=", "<", "<="), ("+", "-"), ("*", "/", "%"))
_ASSIGNMENTS = ("=", "|=", "+=", "-=", "*=", "/=", "%=", "//=")


class JqSyntaxError(JqError):
    """The query does not parse; the text names the token and what could have stood there."""


def parse_query(source: str) -> Query:
    """Compile the query; raises JqSyntaxError."""
    parser = _Parser(source)
    query = parser.pipe()
    if parser.kind != "eof":
        raise parser.unfinished("<EOF> ")
    return query


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.end = 0
        self.start = 0
        self.kind = ""
        self.image = ""
        self.spaced = False
        #: What was read last, a key of _CONTINUES.
        self.read = "term"
        self.advance()

    # -- tokens --------------------------------------------------------------------------------------------------------
    def advance(self) -> str:
        taken = self.image
        self.spaced = False
        while True:
            if self.end >= len(self.source):
                self.start, self.kind, self.image = self.end, "eof", "<EOF>"
                return taken
            match = _TOKEN.match(self.source, self.end)
            if match is None:
                raise self._lexical_error(self.end)
            self.start, self.end = match.span()
            if match.lastgroup == "space":
                self.spaced = True
                continue
            self.kind, self.image = str(match.lastgroup), match.group()
            return taken

    def _lexical_error(self, at: int, after: str = "") -> JqSyntaxError:
        line, column = self._place(at)
        char = self.source[at : at + 1]
        met = f'"{chr(92) if char in _ESCAPED_IN_ERRORS else ""}{char}" ({ord(char)}),' if char else "<EOF>"
        return JqSyntaxError(f'Lexical error at line {line}, column {column}.  Encountered: {met} after : "{after}"')

    def _place(self, at: int) -> tuple[int, int]:
        return self.source.count("\n", 0, at) + 1, at - self.source.rfind("\n", 0, at)

    def unexpected(self, expected: list[str]) -> JqSyntaxError:
        if self.kind == "eof":
            line, column = self._place(len(self.source) - 1) if self.source else (0, 0)
            met = '"<EOF>"'
        else:
            line, column = self._place(self.start)
            names = {"word": "<IDENTIFIER>", "int": "<INTEGER_LITERAL>", "float": "<FLOAT_LITERAL>", "quote": r'"\""'}
            name = names.get(self.kind, f'"{self.image}"')
            if self.image in _KEYWORDS:
                name = f'"{self.image}"'
            image = self.image.replace('"', '\\"')
            met = f'" {name} "{image} ""'
        if self.image == ")":
            return JqSyntaxError(f"Unexpected ')' at line {line}, column {column}.")
        listed = "\n    ".join(e if e == "<EOF> " else f"{e} ..." for e in expected)
        what = " one of:" if len(expected) > 1 else ":"
        return JqSyntaxError(
            f"Encountered {met} at line {line}, column {column}.\nWas expecting{what}\n    {listed}\n    "
        )

    def unfinished(self, *closers: str) -> JqSyntaxError:
        """The error at a token that continues nothing; `closers` would have ended what is open."""
        possible = {*_BINARY_OPERATORS, '"|"', '","', '"as"', *_CONTINUES[self.read], *closers}
        listed = [follower for follower in _FOLLOWERS if follower in possible]
        return self.unexpected([*(["<EOF> "] if "<EOF> " in closers else []), *listed])

    def close(self, closer: str, *others: str) -> None:
        """Take the token that ends what is open."""
        if not self.take(closer):
            raise self.unfinished(f'"{closer}"', *others)

    def at(self, *images: str) -> bool:
        return self.image in images and self.kind in ("op", "word")

    def take(self, *images: str) -> bool:
        if self.at(*images):
            self.advance()
            return True
        return False

    def expect(self, image: str, *others: str) -> None:
        if not self.take(image):
            raise self.unexpected([f'"{image}"', *others])

    # -- queries -------------------------------------------------------------------------------------------------------
    def pipe(self) -> Query:
        if self.at("def"):
            define = self.definition()
            return tree.with_definition(define, self.pipe())
        left = self.comma()
        if self.at("as"):
            self.advance()
            pattern = self.pattern()
            if not self.take("|"):
                raise self.unexpected(['"|"'])
            return tree.bind(left, pattern, self.pipe())
        return tree.pipe(left, self.pipe()) if self.take("|") else left

    def comma(self) -> Query:
        parts = [self.assignment()]
        while self.take(","):
            parts.append(self.assignment())
        return parts[0] if len(parts) == 1 else tree.comma(parts)

    def assignment(self) -> Query:
        left = self.alternative()
        if self.at(*_ASSIGNMENTS):
            operator = self.advance()
            return tree.assign(operator, left, self.assignment())
        return left

    def alternative(self) -> Query:
        left = self.binary(0)
        return tree.alternative(left, self.alternative()) if self.take("//") else left

    def binary(self, level: int) -> Query:
        if level == len(_BINARY):
            return self.term()
        left = self.binary(level + 1)
        while self.at(*_BINARY[level]):
            operator = self.advance()
            left = tree.binary(operator, left, self.binary(level + 1))
        return left

    def term(self) -> Query:
        if self.take("-"):
            return tree.negative(self.term())
        query = self.primary()
        while self.read != "whole":
            if self.at("["):
                query = self.bracket(query)
            elif self.at("."):
                self.advance()
                query = self.field(query)
            elif self.at("?") and self.read == "access":
                self.advance()
                self.read = "term"
                query = tree.quiet(query)
            else:
                break
        return query

    def field(self, base: Query) -> Query:
        if self.kind == "word" and not self.spaced:
            name = self.advance()
            self.read = "access"
            return tree.access(base, Access("name", name))
        if self.kind == "quote" or self.at("@"):
            step = Access("index", self.string())
            self.read = "access"
            return tree.access(base, step)
        raise self.unexpected(["<IDENTIFIER_AFTER_DOT>", '"@"', r'"\""'])

    def bracket(self, base: Query) -> Query:
        self.expect("[")
        step = self._inside_bracket()
        self.read = "access"
        return tree.access(base, step)

    def _inside_bracket(self) -> Access:
        if self.take("]"):
            return Access("all")
        if self.take(":"):
            stop = self.pipe()
            self.close("]")
            return Access("slice", None, stop)
        if not self._starts_operand():
            raise self.unexpected([*_OPERAND[:5], '"]"', *_OPERAND[5:8], '":"', *_OPERAND[8:]])
        index = self.pipe()
        if not self.take(":"):
            self.close("]", '":"')
            return Access("index", index)
        if self.take("]"):
            return Access("slice", index)
        if not self._starts_operand():
            raise self.unexpected([*_OPERAND[:5], '"]"', *_OPERAND[5:]])
        stop = self.pipe()
        self.close("]")
        return Access("slice", index, stop)

    def _starts_operand(self) -> bool:
        if self.kind == "word":
            return self.image not in ("then", "elif", "else", "end", "as", "catch", "and", "or", "label")
        return self.kind in ("int", "float", "quote") or self.at("-", "(", ".", "..", "[", "$", "@", "{")

    def primary(self) -> Query:
        if not self._starts_operand():
            raise self.unexpected(_OPERAND)
        query, self.read = self._primary()
        return query

    def _primary(self) -> tuple[Query, str]:
        """One term without what follows it, and what kind of term it is (a key of _CONTINUES)."""
        if self.kind == "int":
            digits = self.advance()
            if int(digits) >= 2**63:
                raise JqSyntaxError(f'For input string: "{digits}"')
            return tree.literal(int(digits)), "term"
        if self.kind == "float":
            return tree.literal(float(self.advance())), "term"
        if self.kind == "word":
            return self.word()
        if self.take("."):
            return self.after_dot()
        if self.take(".."):
            return tree.recursion(), "whole"
        if self.take("("):
            inner = self.pipe()
            self.close(")")
            return tree.grouped(inner), "access"
        if self.take("["):
            if self.take("]"):
                return tree.literal([]), "term"
            inner = self.pipe()
            self.close("]")
            return tree.collect(inner), "term"
        if self.at("{"):
            return self.construction(), "term"
        if self.take("$"):
            return tree.variable(self.name()), "term"
        return self.string(), "term"

    def after_dot(self) -> tuple[Query, str]:
        if (self.kind == "word" and not self.spaced) or self.kind == "quote":
            return self.field(tree.identity()), "access"
        if self.at("["):
            return self.bracket(tree.identity()), "access"
        return tree.identity(), "dot"

    def name(self) -> str:
        if self.kind != "word":
            raise self.unexpected(["<IDENTIFIER>"])
        return self.advance()

    def word(self) -> tuple[Query, str]:
        word = self.image
        if word in ("true", "false", "null"):
            self.advance()
            return tree.literal({"true": True, "false": False, "null": None}[word]), "term"
        handler: dict[str, Callable[[], Query]] = {
            "if": self.conditional,
            "reduce": self.reduction,
            "foreach": self.iteration,
        }
        if word in handler:
            self.advance()
            return handler[word](), "whole"
        if word == "try":
            self.advance()
            return self.attempt(), "term"
        if word == "def":
            define = self.definition()
            return tree.with_definition(define, self.pipe()), "whole"
        self.advance()
        if not self.take("("):
            return tree.call(word, []), "name"
        arguments = [self.pipe()]
        while self.take(";"):
            arguments.append(self.pipe())
        self.close(")", '";"')
        return tree.call(word, arguments), "term"

    def conditional(self) -> Query:
        branches = []
        while True:
            test = self.pipe()
            if not self.take("then"):
                raise self.unfinished('"then"')
            branches.append((test, self.pipe()))
            if self.take("elif"):
                continue
            if not self.take("else"):
                raise self.unfinished('"elif"', '"else"')
            last = self.pipe()
            if not self.take("end"):
                raise self.unfinished('"end"')
            return tree.conditional(branches, last)

    def _over(self) -> tuple[Query, Any]:
        source = self.term()
        self.close("as")
        pattern = self.pattern()
        self.expect("(")
        return source, pattern

    def reduction(self) -> Query:
        source, pattern = self._over()
        start = self.pipe()
        self.close(";")
        update = self.pipe()
        self.close(")")
        return tree.reduce(source, pattern, start, update)

    def iteration(self) -> Query:
        source, pattern = self._over()
        start = self.pipe()
        self.close(";")
        update = self.pipe()
        extract = self.pipe() if self.take(";") else None
        self.close(")")
        return tree.foreach(source, pattern, start, update, extract)

    def attempt(self) -> Query:
        body = self.term()
        return tree.attempt(body, self.term() if self.take("catch") else None)

    def definition(self) -> tree.Definition:
        self.expect("def")
        name = self.name()
        parameters: list[str] = []
        if self.take("("):
            while True:
                marker = "$" if self.take("$") else ""
                parameters.append(marker + self.name())
                if not self.take(";"):
                    break
            self.expect(")")
        if not self.take(":"):
            raise self.unexpected(['":"'] if parameters else ['"("', '":"'])
        body = self.pipe()
        self.close(";")
        return tree.Definition(name, tuple(parameters), body)

    def pattern(self) -> Any:
        if self.take("$"):
            return ("variable", self.name())
        if self.take("["):
            items = [self.pattern()]
            while self.take(","):
                items.append(self.pattern())
            self.expect("]")
            return ("array", items)
        if self.take("{"):
            fields = [self._pattern_field()]
            while self.take(","):
                fields.append(self._pattern_field())
            self.expect("}")
            return ("object", fields)
        raise self.unexpected(['"["', '"$"', '"{"'])

    def _pattern_field(self) -> tuple[Query, Any]:
        if self.kind == "word":
            key = tree.literal(self.advance())
        elif self.kind == "quote" or self.at("@"):
            key = self.string()
        elif self.take("("):
            key = self.pipe()
            self.expect(")")
        else:
            raise self.unexpected(['"and"', '"or"', '"("', '"@"', *_KEYS])
        self.expect(":")
        return key, self.pattern()

    def construction(self) -> Query:
        self.expect("{")
        fields: list[tuple[Query, Query]] = []
        while fields or not self.take("}"):
            fields.append(self._field(first=not fields))
            if self.take("}"):
                break
            self.expect(",")
        return tree.construction(fields)

    def _field(self, *, first: bool) -> tuple[Query, Query]:
        if self.take("$"):
            name = self.name()
            return tree.literal(name), tree.variable(name)
        if self.kind in ("word", "quote") or self.at("@"):
            key = tree.literal(self.advance()) if self.kind == "word" else self.string()
            if self.take(":"):
                return key, self.field_value()
            if not self.at(",", "}"):
                raise self.unexpected(['"}"', '":"', '","'])
            return key, tree.access(tree.identity(), Access("index", key))
        if self.take("("):
            key = self.pipe()
            self.close(")")
            self.expect(":")
            return key, self.field_value()
        raise self.unexpected(['"and"', '"or"', '"("', '"$"', '"@"', *(['"}"'] if first else []), *_KEYS])

    def field_value(self) -> Query:
        value = self.alternative()
        if self.take("|"):
            return tree.pipe(value, self.field_value())
        if not self.at(",", "}"):
            raise self.unfinished('"}"')
        return value

    def _escaped(self, at: int) -> str:
        """What a backslash and what follows it stand for."""
        escape = self.source[at + 1 : at + 2]
        if escape == "u":
            digits = self.source[at + 2 : at + 6]
            right = next((i for i, digit in enumerate(digits) if digit not in hexdigits), len(digits))
            if right < 4:
                raise self._lexical_error(at + 2 + right, "\\" + self.source[at : at + 2 + right])
            return chr(int(digits, 16))
        if escape not in _ESCAPES:
            raise self._lexical_error(at + 1)
        return _ESCAPES[escape]

    # -- strings -------------------------------------------------------------------------------------------------------
    def string(self) -> Query:
        form = None
        if self.take("@"):
            form = self.name()
            if self.kind != "quote":
                return tree.call("@" + form, [])
        parts: list[Any] = []
        at = self.end
        text: list[str] = []
        while True:
            if at >= len(self.source):
                self.kind, self.image, self.end = "eof", "<EOF>", at
                raise self.unexpected(
                    ["<ENDQUOTE>", "<VISIBLE_CHAR>", "<ESCAPE_CHAR>", "<OPEN_INTERP>", "<CODEPOINT_CHAR>"]
                )
            char = self.source[at]
            if char == '"':
                break
            if char != "\\":
                text.append(char)
                at += 1
                continue
            escape = self.source[at + 1 : at + 2]
            if escape == "(":
                parts.append("".join(text))
                text = []
                self.end = at + 2
                self.advance()
                parts.append(self.pipe())
                if not self.at(")"):
                    raise self.unfinished('")"')
                at = self.end
            else:
                text.append(self._escaped(at))
                at += 6 if escape == "u" else 2
        parts.append("".join(text))
        self.end = at + 1
        self.advance()
        if len(parts) == 1:
            return tree.literal(parts[0])
        return tree.interpolation(parts, form)
