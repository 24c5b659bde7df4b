#!/usr/bin/env python3
"""Finds what a page says past the catalogue of languages, and what the catalogue holds that nothing says.

A literal of a page is untranslated where it is a text of a maud template, the value of an attribute that people read or
hear, or looks like prose in the code around it, and no macro of `shared/language` wraps it.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ["ui/src/layout.rs", "ui/src/live.rs", "ui/src/parts", "ui/src/pages", "ui/src/links", "coordinator/src/web/pages"]
SPEAKERS = ["ui/src", "coordinator/src", "shared/alerts/src", "shared/reports/src", "shared/language/src"]
READ_ALOUD = {"title", "alt", "placeholder", "label", "aria-label", "aria-description", "aria-valuetext", "aria-roledescription"}
NOT_READ = {"data-copy", "data-state", "data-theme"}
WRAPPED = {"say", "count", "sentence", "among", "word"}
SILENT = {"expect", "assert", "assert_eq", "debug_assert", "concat", "include_str", "warn", "info", "error", "debug", "trace", "cfg", "doc", "swatch"}
# Words of errors, which programs read as well: a page shows its own sentence for each status.
ERRORS = {"NoSuch", "AlreadySo", "Missing", "refuse"}
# Names that are the same in every language, and what is typed as it stands.
NAMES = re.compile(r"Palisade|OpenAPI|palisade-(?:coordinator|node)(?: [a-z-]+)+|log4j|exploited==yes && class:camera|\\[nrt]|^(?:pdf|csv)$")
# What logs keep in English whoever acts, and what is digested.
KEPT = {
    "retired by {}",
    "ordered by {}",
    "palisade 2026 watched files",
    "{} for {}: {}",
    "draft {number}",
    "{} report",
    "schedule {number}",
    "schedule {}",
    "charter {} with {}",
    "scan {number}",
    "{:?} ports, confirmed `{}`",
    "OpenVAS",
}
# Files whose words are still to be brought into the catalogue.
LATER = set()


class Literal:
    """A string literal with its place: "text" and "attribute" in a template, "code" elsewhere."""

    def __init__(self, start, end, raw, kind, owner):
        self.start, self.end, self.raw, self.kind, self.owner = start, end, raw, kind, owner

    def text(self):
        return re.sub(r"\\\n\s*", "", self.raw)


def tokens(source):
    """(kind, start, end) of words, strings and single signs; comments, chars and lifetimes are left out."""
    pattern = re.compile(
        r"(?P<skip>//[^\n]*|/\*.*?\*/|\s+|'(?:\\.[^']*|[^\\'])'|'[a-z_]+)"
        r"|(?P<string>r#\".*?\"#|b?\"(?:[^\"\\]|\\.)*\")"
        r"|(?P<word>@?[A-Za-z_][A-Za-z0-9_]*(?:[-:][A-Za-z][A-Za-z0-9_-]*)*)"
        r"|(?P<arrow>=>)|(?P<sign>.)",
        re.S,
    )
    for found in pattern.finditer(source):
        if found.lastgroup != "skip":
            yield found.lastgroup, found.start(), found.end()


def literals(source):
    """Every string literal before the tests of a file."""
    source = source.split("#[cfg(test)]\nmod tests")[0]
    stack = [("code", "")]  # what the brackets around are: code with its caller, or template
    head = False  # between @if and its brace
    before = ["", "", ""]
    for kind, start, end in tokens(source):
        token = source[start:end]
        where, owner = stack[-1]
        if kind == "string":
            last = before[-1]
            if where == "code" or head:
                yield Literal(start, end, token[1:-1], "code", owner)
            elif last == "=":
                yield Literal(start, end, token[1:-1], "attribute", before[-2])
            elif before[-2:] == ["code", "{"]:
                pass
            elif not re.match(r"\s*(=>|\|)", source[end:]):
                yield Literal(start, end, token[1:-1], "attribute" if where == "value" else "text", owner)
        elif token in ("{", "(", "["):
            if where == "code" and token == "{" and before[-1] == "!" and before[-2] == "html":
                stack.append(("template", ""))
            elif where in ("template", "value") and token == "{":
                stack.append(("value", before[-2]) if before[-1] == "=" and not head else (where, owner))
                head = False
            elif where in ("template", "value") and not head:
                stack.append(("code", "attribute" if before[-1] == "=" else ""))
            elif token == "(":
                name = before[-2] if before[-1] == "!" else before[-1]
                stack.append(("code", name))
            else:
                stack.append(("code", owner))
        elif token in ("}", ")", "]"):
            if len(stack) > 1:
                stack.pop()
        elif where != "code" and (token in ("@if", "@for", "@match", "@let") or (token == "if" and before[-1] == "@else")):
            head = True
        elif where != "code" and token == ";":
            head = False
        before = before[1:] + [token]


def untranslated(literal):
    text = NAMES.sub("", literal.text())
    if literal.kind == "text":
        return re.search(r"[a-z]", text)
    if literal.kind == "attribute":
        name = literal.owner
        heard = name in READ_ALOUD or (name.startswith("data-") and name not in NOT_READ)
        return heard and re.search(r"[A-Z][a-z]|[a-z]{3}", text)
    if literal.owner in WRAPPED | SILENT | ERRORS or literal.text() in KEPT:
        return None
    text = re.sub(r"\{[^}]*\}", "·", text)
    return re.search(r"^[A-Z][a-z]|[a-z]{2},? [a-z·]|[a-z·],? [a-z]{2}", text)


def files(places):
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.rs"))


def main():
    broken = 0
    for path in files(PAGES):
        name = str(path.relative_to(ROOT))
        source = path.read_text()
        wrong = [one for one in literals(source) if untranslated(one)]
        if name in LATER:
            if not wrong:
                print(f"page-lints: {name} is converted: take it from the list of ops/lib/wording.py", file=sys.stderr)
                broken = 1
            continue
        for one in wrong:
            line = source.count("\n", 0, one.start) + 1
            print(f'page-lints: {name}:{line}: no language knows ({one.kind} {one.owner}) "{one.text()}"', file=sys.stderr)
            broken = 1
    said = set()
    for path in files(SPEAKERS):
        if "shared/language/src/french" not in str(path):
            said |= {source_text for source_text in spoken(path.read_text())}
    for path in files(["shared/language/src/french"]):
        for key in re.findall(r'^\s*\(\s*"((?:[^"\\]|\\.)*)",', path.read_text(), re.M):
            if re.sub(r"\\\n\s*", "", key) not in said:
                print(f'page-lints: {path.relative_to(ROOT)}: nothing says "{key}"', file=sys.stderr)
                broken = 1
    return broken or written()


# What errors say of a word that stands elsewhere, and sentences that are put together.
COMPOSED = re.compile(r"^there is no such (.*)$|^device \{\} \(\{\}\) signed \{\}$|^the admission key of this mesh signed \{\}$")
WRITERS = ["coordinator/src", "shared/alerts/src", "shared/findings/src", "shared/hearing/src", "shared/logs/src", "shared/protocol/src"]


def shape(text):
    return re.sub(r"\{[^}]*\}", "{}", text)


def written():
    """Templates of sentences that are written down in English, which nothing writes any more."""
    shapes = set()
    for path in files(WRITERS):
        shapes |= {shape(text).replace('\\"', '"') for text in spoken(path.read_text())}
    for path in ROOT.glob("shared/logs/rules/*.yml"):
        shapes |= set(re.findall(r"^(?:title| +stops): (.*)$", path.read_text(), re.M))
    broken = 0
    for path in files(["shared/language/src/written"]):
        for key in re.findall(r'^\s*\(\s*"((?:[^"\\]|\\.)*)",', path.read_text(), re.M):
            text = shape(re.sub(r"\\\n\s*", "", key)).replace('\\"', '"')
            composed = COMPOSED.match(text)
            if text not in shapes and not (composed and (composed[1] is None or composed[1] in shapes)):
                print(f'page-lints: {path.relative_to(ROOT)}: nothing writes "{text}"', file=sys.stderr)
                broken = 1
    return broken


def spoken(source):
    for kind, start, end in tokens(source):
        if kind == "string":
            yield re.sub(r"\\\n\s*", "", source[start + 1 : end - 1])


if __name__ == "__main__":
    sys.exit(main())
