"""What quality is measured on: a text and questions of our own, so that every engine meets the same."""

from __future__ import annotations

TEXT = """\
The market opens before sunrise, when the fishing boats come back and the first buses are still empty. A woman in a
green coat puts crates of apples on a wooden table, counts the coins in her pocket, and writes the price of the day on
a piece of cardboard. Behind her a boy carries bread from the bakery across the square. He walks slowly, because the
loaves are hot and the stones are wet from the rain that fell during the night. By seven o'clock there is hardly any
room left between the stalls. People ask for half a pound of cheese, for thread of a certain blue, for a key to be cut
while they wait. Nobody is in a hurry, and yet everything is sold by noon.

A processor reads its instructions from memory, one after the other, and does what they say: it adds two numbers,
compares them, or continues at another place of the program. Memory is slow in comparison. While one value is on its
way, a processor could have done hundreds of additions. Designers therefore keep copies of what was used last in small
and fast memories close to the arithmetic units. As long as a program works on the same few numbers it runs at full
speed; as soon as it walks through more data than these memories hold, it waits.

In spring the river rises, and the ferry that joins the two villages stops for a week or two. Children who live on the
far side stay at home; their teacher sends them letters with exercises, and they answer with drawings of the flood. When
the water falls again, the first boat brings flour, newspapers and the doctor, and in the evening there is music.
"""

QUESTIONS = (
    "Introduce yourself in three sentences.",
    "Explain to a ten-year-old how a computer chip can write text.",
    "Plan a perfect day in a city by the sea: morning, afternoon and evening.",
)
ANSWER_TOKENS = 48
TEXT_TOKENS = 384
"""Most tokens of the text that are used, in one window."""
