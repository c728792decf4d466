from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from goshim.base.resources import parse_toml
from goshim.settings.lines import _TOKEN, key_lines, line_of, longest_key
from tests.growth import is_linear
from tests.tables import for_each

TRICKS = [
    "key = 1",
    "[table]",
    "# no comment",
    "a.b = [",
    "]",
    "}",
    "=",
    "'",
    '"',
    "",
    "  ",
    "\\\\",
    "[[x]]",
    "{",
    '"""',
    "'''",
]


def bare() -> st.SearchStrategy[str]:
    return st.sampled_from(["a", "b", "c1", "key", "table", "-", "_x", "1", "true", "GOFLAGS"])


def quoted_key() -> st.SearchStrategy[str]:
    text = st.text(st.sampled_from("ab.#=[]{} ,x"), max_size=5)
    return st.one_of(text.map(lambda each: f'"{each}"'), text.map(lambda each: f"'{each}'"))


def dotted() -> st.SearchStrategy[str]:
    part = st.one_of(bare(), bare(), quoted_key())
    return st.lists(part, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([".", " . "]).map(lambda dot: dot.join(parts))
    )


def multi_line() -> st.SearchStrategy[str]:
    lines = st.lists(st.sampled_from(TRICKS), max_size=5).map("\n".join)
    basic = lines.map(lambda text: '"""' + text.replace('"', '\\"') + '"""')
    literal = lines.map(lambda text: "'''" + text.replace("'", "") + "'''")
    ending = st.sampled_from(['"""x"""', '"""""x"""""', "'''x'''''", '"""\n\\\n  x"""', '"""\\""""'])
    return st.one_of(basic, literal, ending)


def scalar() -> st.SearchStrategy[str]:
    plain = st.sampled_from(
        ["1", "-1.5e3", "true", "1979-05-27T07:32:00Z", '"a # b"', "'[x]'", '"\\""', '"="', "'\\'", '""']
    )
    return st.one_of(plain, multi_line())


def value() -> st.SearchStrategy[str]:
    between = st.sampled_from([", ", ",\n", ", # ] } =\n  ", "\n,\n"])
    arrays = st.builds(lambda items, glue: f"[{glue.join(items)}]", st.lists(scalar(), max_size=3), between)
    tables = st.lists(
        st.tuples(st.sampled_from("abc"), st.one_of(scalar(), arrays)), max_size=2, unique_by=lambda each: each[0]
    )
    inline = tables.map(lambda pairs: "{" + ", ".join(f"{name} = {text}" for name, text in pairs) + "}")
    return st.one_of(scalar(), scalar(), arrays, inline)


def statement() -> st.SearchStrategy[str]:
    pair = st.builds("{} = {}{}".format, dotted(), value(), st.sampled_from(["", " # key = 1", "\t"]))
    header = st.builds("{}[{}]{}".format, st.sampled_from(["", "  "]), dotted(), st.sampled_from(["", " # [x]"]))
    array = dotted().map("[[{}]]".format)
    return st.one_of(pair, pair, pair, header, array, st.sampled_from(["", "# key = [", "  "]))


def leaf_keys(table: dict, above: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found = set()
    for name, inner in table.items():
        found |= leaf_keys(inner, (*above, name)) if isinstance(inner, dict) else {(*above, name)}
    return found


def parsed(text: str) -> dict | None:
    try:
        return parse_toml(text)
    except ValueError:
        return None


def lines_by_parsing(text: str) -> dict[tuple[str, ...], int]:
    """The line on which each key begins, by parsing ever more lines: a statement cut in two is no TOML."""
    lines = text.split("\n")
    found: dict[tuple[str, ...], int] = {}
    begin = 1
    for count in range(1, len(lines) + 1):
        table = parsed("\n".join(lines[:count]) + "\n")
        if table is not None:
            for key in leaf_keys(table):
                found.setdefault(key, begin)
            begin = count + 1
    return found


@given(st.lists(statement(), max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_each_key_stands_where_parsing_line_by_line_finds_it(statements, line_end):
    kept: list[str] = []
    for each in statements:  # a statement that contradicts an earlier one is no TOML: left out
        if parsed("\n".join([*kept, each]) + "\n") is not None:
            kept.append(each)
    text = "\n".join(kept) + "\n"
    assume(parsed(text))
    found = key_lines(text.replace("\n", line_end))
    for key, line in lines_by_parsing(text).items():
        assert line_of(key, found) == line


@for_each(
    "text, key, line",
    [
        ("a = 1\nb = 2\n", ("b",), 2),
        ("[t]\n\na = 1\n", ("t", "a"), 3),
        ("[t]\n\na = 1\n", ("t",), 1),
        ("[t.u]\na = 1\n", ("t", "u", "a"), 2),
        ("\n[ t . u ]\na.b = 1\n", ("t", "u", "a", "b"), 3),
        ("t.a = 1\nt.b = 2\n", ("t", "b"), 2),
        ('x = """\nb = 1\n[t]\n"""\nb = 2\n', ("b",), 5),
        ("x = '''\nb = 1\n[t]\n'''\n[t]\n", ("t",), 5),
        ("x = [\n  1, # b = 1\n  2,\n]\nb = 2\n", ("b",), 5),
        ("x = {a = 1, b = [1, 2]}\nb = 2\n", ("b",), 2),
        ("# b = 1\nb = 2\n", ("b",), 2),
        ("'a.b' = 1\n\"c d\" = 2\n", ("c d",), 2),
        ("'a.b' = 1\n\"c d\" = 2\n", ("a.b",), 1),
        ("[[t]]\na = 1\n[[t]]\nb = 1\n", ("t", "b"), 4),
        ("a = '''it's''''\nb = 1\n", ("b",), 2),
        ('x = "#"\nb = 1\n', ("b",), 2),
        ("a = 1\r\n\r\nb = 1\r\n", ("b",), 3),
        ("[env]\nGOFLAGS = '-x'\n", ("env", "GOFLAGS"), 2),
        ('a = 1\n"it\'s" = 1\n', ("it's",), 2),
        ("\n\n[t.u]\na = 1\n", ("t",), 3),
        ("\n\nt.u = 1\n", ("t",), 3),
    ],
)
def test_the_line_of_a_key(text, key, line):
    assert parse_toml(text)
    assert line_of(key, key_lines(text)) == line


@for_each("key, line", [(("t", "absent"), 2), (("t", "a", "0"), 3), (("absent",), 1), ((), 1)])
def test_a_key_that_has_no_line_of_its_own_has_that_of_what_is_around_it(key, line):
    assert line_of(key, key_lines("\n[t]\na = [1]\n")) == line


def test_without_keys_there_are_no_lines():
    assert key_lines("# nothing\n\n") == {}


SHAPES = [
    '"',
    "'",
    '"\\"',
    '"a:',
    '"""x',
    "'''x",
    "\\",
    "a.",
    "[",
    "{",
    "a=[",
    '"""\n',
    '"\n',
    "a=1\n",
    "[a.b]\n",
    '"\\\n',
    "#",
]


def test_any_text_is_read_in_time_linear_in_its_length():
    for shape in SHAPES:
        assert is_linear(longest_key, shape), shape


@given(st.text(st.sampled_from("ab.=\"'[]{}\n\\ #")))
def test_no_character_but_a_blank_is_left_over_for_another_try(text):
    left = _TOKEN.sub("", text)
    assert left.strip() == ""
