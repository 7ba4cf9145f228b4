"""Cutting Markdown while it streams: however it arrives, the same blocks come out and nothing is lost."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.chat.blocks import MAX_CODE, MAX_PROSE, Block, Code, Prose, Splitter, split
from gui.chat.markdown import spans, to_html

SAMPLE = """# Title

A paragraph
of two lines.

1. one

   still one

2. two
   ```sh
   inside the list
   ```

```python
def f():

    return 1
```
After.

| a | b |
|---|---|
| 1 | 2 |
"""


def _fed(text: str, cuts: list[int]) -> list[Block]:
    splitter = Splitter()
    edges = [0, *sorted(cuts), len(text)]
    found = [block for a, b in itertools.pairwise(edges) for block in splitter.feed(text[a:b])]
    return [*found, *splitter.finish()]


def test_code_and_prose_are_told_apart() -> None:
    found = split(SAMPLE)
    codes = [block for block in found if isinstance(block, Code)]
    assert codes == [Code("python", "def f():\n\n    return 1")]
    lists = [block for block in found if isinstance(block, Prose) and block.source.startswith("1. one")]
    assert "inside the list" in lists[0].source
    assert "2. two" in lists[0].source


@pytest.mark.parametrize("seed", range(40))
def test_the_same_blocks_come_out_however_the_text_arrives(seed: int) -> None:
    generator = random.Random(seed)
    cuts = [generator.randrange(len(SAMPLE)) for _ in range(generator.randrange(1, 60))]
    assert _fed(SAMPLE, cuts) == split(SAMPLE)


@given(st.text(alphabet=st.sampled_from("ab `~\n-1.#>|*"), max_size=400), st.lists(st.integers(0, 400), max_size=8))
def test_no_letter_is_lost(text: str, cuts: list[int]) -> None:
    out = _fed(text, [cut for cut in cuts if cut <= len(text)])
    kept = "".join(b.source if isinstance(b, Prose) else b.text + b.language for b in out)
    for letter in "ab":
        fences = text.count("`") + text.count("~")
        if not fences:
            assert kept.count(letter) == text.count(letter)


@pytest.mark.parametrize("text", ["word " * 8000, "字" * 32_000, "```\n" + "x = 1\n" * 8000, "```\n" + "x" * 32_000])
def test_endless_blocks_are_cut(text: str) -> None:
    sizes = [len(b.source) if isinstance(b, Prose) else len(b.text) for b in split(text)]
    assert max(sizes) <= max(MAX_PROSE, MAX_CODE)
    assert sum(sizes) >= 31_000


def test_html_and_images_and_scripts_do_nothing() -> None:
    html = to_html('<img src="file:///etc/passwd"> ![x](http://host/y.png) [a](javascript:alert(1)) [b](https://x.y/)')
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="https://x.y/"' in html


@pytest.mark.parametrize("language", ["python", "c", "html", "no-such-language", "", "json"])
def test_coloured_spans_lie_within_the_code_in_order(language: str) -> None:
    code = 'def f(x): return "hi 😀 你好" + x  # done\n{"a": 1}\n<b>x</b>'
    end = 0
    for span in spans(language, code):
        assert span.start >= end
        end = span.start + span.length
    assert end <= len(code.encode("utf-16-le")) // 2
