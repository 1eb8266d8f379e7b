import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapeflow.compat.program import code_blocks


def blocks_of(text):
    return [*code_blocks(textwrap.dedent(text))]


@pytest.mark.parametrize(
    ("opening", "language"),
    [
        ("```python", "python"),
        ("```Python", "python"),
        ("``` python", "python"),
        ("```py", "py"),
        ("````python", "python"),
        ("~~~python", "python"),
        ('```python title="a.py"', "python"),
        ("```{python}", "python"),
        ("```{.python .numberLines}", "python"),
        ("```", ""),
        ("```sh", "sh"),
        ("```c++", "c++"),
        ("```pycon", "pycon"),
    ],
)
def test_language_is_the_first_word_after_the_fence(opening, language):
    fence = opening[: 4 if opening.startswith("````") else 3]
    (block,) = code_blocks(f"{opening}\nx\n{fence}\n")
    assert block.language == language


def test_lines_are_counted_from_the_top_of_the_file():
    first, second = blocks_of(
        """\
        # Title

        ```python
        a = 1
        b = 2
        ```
        text
        ```sh
        ls
        ```
        """
    )
    assert (first.first_line, first.text) == (4, "a = 1\nb = 2\n")
    assert (second.first_line, second.text) == (9, "ls\n")


def test_a_fence_closes_only_with_its_own_mark_and_length():
    (block,) = code_blocks("````python\n```\n~~~~\n````\n")
    assert block.text == "```\n~~~~\n"


def test_a_fence_that_is_not_closed_reaches_to_the_end():
    (block,) = code_blocks("```python\nx = 1")
    assert block.text == "x = 1\n\n" or block.text == "x = 1\n"


def test_inline_code_is_no_fence():
    assert blocks_of("Write ```x = 1``` or\n```x = 1``` so.\n") == []


def test_an_indented_block_loses_its_fences_indent():
    (block,) = code_blocks("1. item\n\n    ```python\n    if x:\n        y()\n\n    ```\n")
    assert block.text == "if x:\n    y()\n\n"
    assert block.indent == 4


LINE = st.text(st.characters(exclude_characters="\n\r", exclude_categories=("Cs",)), max_size=12)
PROSE = LINE.filter(lambda line: not line.strip().startswith(("```", "~~~")))


@given(st.lists(st.tuples(st.lists(PROSE, max_size=3), st.lists(PROSE, max_size=4)), max_size=4))
def test_blocks_keep_their_text_and_line(parts):
    lines, expected = [], []
    for prose, code in parts:
        lines += [*prose, "```python"]
        expected.append((len(lines) + 1, "".join(f"{line}\n" for line in code)))
        lines += [*code, "```"]
    found = [(block.first_line, block.text) for block in code_blocks("\n".join(lines) + "\n")]
    assert found == expected
