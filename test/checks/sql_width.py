#!/usr/bin/env python3
"""Find lines of SQL that are longer than 120 columns, or wrap them.

usage: sql_width.py [--fix] [DIRECTORY]     (default: src/sql of the project)

--fix breaks code at a blank, preferably before a clause or after a comma, a text into 'one ' 'and the other' on lines of
their own, which SQL reads as one, and fills comments anew. It never changes more than white space and such breaks: what
it has written is compared with what it has read. Where it breaks is seldom the best place: read what it did.
"""
import pathlib
import re
import sys
import textwrap

WIDTH = 120
CLAUSE = re.compile(
    r"(AND|OR|FROM|(LEFT |CROSS |FULL |INNER )?JOIN|ON|WHERE|GROUP BY|ORDER BY|HAVING|UNION|EXCEPT|VALUES|SELECT|RETURNS|USING|"
    r"WHEN|THEN|ELSE|LIMIT|SET|FILTER|DO|LANGUAGE|\|\|) ?")
FULL_LINE_COMMENT = re.compile(r"^( *)-- (\S.*)$")
BREAK_OF_TEXT = re.compile(r"'\n *'")


def states_of(text):
    """For each character: 'code', 'text' (inside single quotes), 'name' (inside double quotes) or 'comment'."""
    states, state, at = [], "code", 0
    while at < len(text):
        character, pair = text[at], text[at:at + 2]
        length = 1
        if state == "code":
            if character == "'":
                state = "text"
            elif character == '"':
                state = "name"
            elif pair == "--":
                state = "comment"
            states.append("code" if state in ("text", "name") else state)
        else:
            states.append(state)
            if state == "text" and pair == "''":
                states.append(state)
                length = 2
            elif (state, character) in (("text", "'"), ("name", '"'), ("comment", "\n")):
                states[-1] = state = "code"
        at += length
    return states


def open_brackets(line, states, end):
    """The columns of the brackets that are open in front of a place of the line."""
    columns = []
    for at in range(end):
        if states[at] == "code" and line[at] in "([":
            columns.append(at)
        elif states[at] == "code" and line[at] in ")]" and columns:
            columns.pop()
    return columns


def break_of_code(line, states, first):
    """Where a line is best broken in front of a blank of its code, or None: in as few brackets as possible, and then
    before a clause, or after a comma."""
    blanks = [at for at in range(first + 1, min(len(line), WIDTH + 1)) if line[at] == " " and states[at] == "code" and line[at - 1] != " "]
    good = [at for at in blanks if at >= WIDTH // 2]
    if good:
        depths = {at: len(open_brackets(line, states, at)) for at in good}
        shallow = [at for at in good if depths[at] == min(depths.values())]
        for wanted in ([at for at in shallow if CLAUSE.match(line, at + 1)], [at for at in shallow if line[at - 1] == ","], shallow):
            if wanted:
                return wanted[-1]
    return blanks[-1] if blanks else None


def break_of_text(line, states, first):
    """The place behind the last blank of a text that leaves room for the closing quote, or None."""
    blanks = [at for at in range(first + 2, min(len(line) - 1, WIDTH - 1)) if line[at] == " " and states[at] == "text"]
    return blanks[-1] + 1 if blanks else None


def wrapped(line, states):
    """The lines that a line becomes."""
    indent = len(line) - len(line.lstrip(" "))
    first = indent
    lines = []
    continued = " " * (indent if line[indent] == "'" else indent + 4)
    while len(line) > WIDTH:
        in_code = break_of_code(line, states, first)
        in_text = break_of_text(line, states, first)
        if in_text is not None and (in_code is None or in_code < WIDTH // 2):
            lines.append(line[:in_text] + "'")
            line, states = continued + "'" + line[in_text:], ["code"] * (len(continued) + 1) + states[in_text:]
        elif in_code is not None:
            lines.append(line[:in_code])
            brackets = open_brackets(line, states, in_code)
            if brackets and first <= brackets[-1] < WIDTH // 2:
                continued = " " * (brackets[-1] + 1)
            line, states = continued + line[in_code + 1:], ["code"] * len(continued) + states[in_code + 1:]
        else:
            break
        first = len(continued)
    return [*lines, line]


def filled_comments(lines):
    """Fills paragraphs of comments that have a line too long."""
    result, at = [], 0
    while at < len(lines):
        found = FULL_LINE_COMMENT.match(lines[at])
        if not found or len(lines[at]) <= WIDTH:
            result.append(lines[at])
            at += 1
            continue
        prefix, words = found[1] + "-- ", [found[2]]
        at += 1
        while at < len(lines):
            following = FULL_LINE_COMMENT.match(lines[at])
            if not following or following[1] != found[1] or re.match(r"[-*\d]", following[2]):
                break
            words.append(following[2])
            at += 1
        result += textwrap.wrap(
            " ".join(words), WIDTH, initial_indent=prefix, subsequent_indent=prefix, break_long_words=False, break_on_hyphens=False)
    return result


def fixed(text):
    lines = filled_comments(text.splitlines())
    text = "\n".join(lines) + "\n"
    states, result, at, of_macro = states_of(text), [], 0, False
    for line in lines:
        # The lines of a macro become one, in which two texts side by side are an error.
        of_macro = of_macro and result[-1].endswith("\\") or line.startswith("#")
        if len(line) > WIDTH and not of_macro and not line.startswith("\\") and states[at] == "code":
            result += wrapped(line, states[at:at + len(line)])
        else:
            result.append(line)
        at += len(line) + 1
    return "\n".join(result) + "\n"


def meaning(text):
    """What two texts have in common that differ in breaks only."""
    text = re.sub(r"\n *-- ", " ", BREAK_OF_TEXT.sub("", text))
    return re.sub(r"\s+", " ", text.replace("-- ", " "))


def main():
    arguments = sys.argv[1:]
    fix = "--fix" in arguments
    directories = [argument for argument in arguments if argument != "--fix"]
    directory = pathlib.Path(directories[0] if directories else pathlib.Path(__file__).parent.parent.parent / "src" / "sql")
    too_long = 0
    for path in sorted(directory.rglob("*.sql")):
        text = path.read_text(encoding="utf-8")
        if fix and any(len(line) > WIDTH for line in text.splitlines()):
            new = fixed(text)
            if meaning(new) != meaning(text):
                sys.exit(f"{path}: wrapping would change more than breaks")
            path.write_text(new, encoding="utf-8")
            text = new
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > WIDTH:
                too_long += 1
                print(f"{path}:{number}: {len(line)} columns, {line.strip()[:60]}...")
    if too_long:
        print(f"{too_long} lines of SQL are longer than {WIDTH} columns; {sys.argv[0]} --fix wraps most of them")
    sys.exit(1 if too_long else 0)


if __name__ == "__main__":
    main()
