"""Prompt-lookup decoding: guess the next tokens from earlier text, and check several guesses in one pass.

Where the end of the text has occurred before, what followed then is drafted as what follows now (Saxena 2023, "Prompt
Lookup Decoding"; Yang et al. 2023, "Inference with Reference"). One pass over the weights gives the logits after every
drafted token. Each token is then chosen from its own logits just as without drafts, with the same random numbers; a
draft is accepted if it is that choice, and the first one that isn't ends the pass. So a draft is accepted with exactly
the probability that the model gives it, a rejected one is replaced by a sample of the rest (the rule of speculative
sampling, Leviathan et al. 2023, for a draft without randomness), and greedy and seeded answers stay what they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

SHORTEST = 2
"""Tokens that must agree before a draft is made."""
LONGEST = 12
"""Tokens beyond which a longer agreement says no more."""
CANDIDATES = 16
"""Most recent earlier places that are compared."""

_PRIOR = {2: 0.9, 3: 1.2, 4: 1.6, 6: 2.2}
"""Drafts expected to be accepted, by the least length of the agreement, before there is experience."""
_FORGET_TRY, _FORGET_SKIP = 0.8, 0.97
"""What experience keeps of its weight with each new try, and with each draft that was not tried."""
_NEWEST = 0.25
"""Weight of the newest time in a running mean."""
_MARGIN = 1.05
"""How much more than its cost a pass must promise."""
_MAY_LOSE = 0.03
"""Share of the decode time that passes may lose in all; one more losing pass is free."""
_FIRST_RATIO = 1.6
"""Cost of a pass in plain steps, before there is a measurement."""


class Drafts:
    """The text of one row, and where each pair of its tokens occurs."""

    def __init__(self, tokens: Sequence[int]) -> None:
        """Start with a prompt."""
        self._tokens: list[int] = []
        self._ends: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
        for token in tokens:
            self.append(token)

    def append(self, token: int) -> None:
        """Add the next token."""
        tokens = self._tokens
        if len(tokens) >= SHORTEST:  # what ends here is left out, so that a text never matches itself
            self._ends[tuple(tokens[-SHORTEST:])].append(len(tokens))
        tokens.append(token)

    def draft(self, count: int) -> tuple[list[int], int]:
        """Return up to `count` tokens that may come next, and how many tokens before them agree (none: [], 0)."""
        ends = self._ends.get(tuple(self._tokens[-SHORTEST:]), ())
        best, source = 0, 0
        for end in reversed(ends[-CANDIDATES:]):
            agreed = self._agreement(end)
            if agreed > best:
                best, source = agreed, end
        if not best:
            return [], 0
        period = len(self._tokens) - source  # a draft that reaches the end of the text goes on in its own tokens
        return [self._tokens[source + i % period] for i in range(count)], best

    def _agreement(self, end: int) -> int:
        tokens, last = self._tokens, len(self._tokens)
        most = min(LONGEST, end)
        return next((i for i in range(SHORTEST, most) if tokens[end - 1 - i] != tokens[last - 1 - i]), most)


class Economy:
    """Decides whether a draft is worth a pass, from what passes have cost and brought so far.

    Passes may lose a small share of the time in all (`_MAY_LOSE`), whatever is drafted.
    """

    def __init__(self) -> None:
        self._step_s = self._pass_s = 0.0
        self._spent_s = self._earned_s = 0.0
        self._experience = {length: (gain, 1.0) for length, gain in _PRIOR.items()}
        """For each length of agreement: accepted drafts a pass, and the weight of that experience."""

    def worth(self, agreed: int, drafted: int) -> bool:
        """Return whether to check `drafted` tokens after an agreement of `agreed`; a refusal is remembered."""
        if not drafted or not self._step_s:
            return False
        length = _length(agreed)
        gain, weight = self._experience[length]
        cost = self._pass_s or self._step_s * _FIRST_RATIO
        loss = max(0.0, cost - self._step_s)
        promises = (1 + min(gain, drafted)) * self._step_s >= cost * _MARGIN
        if promises and self._earned_s - loss >= -_MAY_LOSE * self._spent_s - 1.01 * loss:
            return True
        self._experience[length] = (_PRIOR[length] + (gain - _PRIOR[length]) * _FORGET_SKIP, weight)
        return False

    def stepped(self, seconds: float) -> None:
        """Note a plain step."""
        self._step_s = _mean(self._step_s, seconds)
        self._spent_s += seconds

    def passed(self, agreed: int, accepted: int, seconds: float) -> None:
        """Note a pass: `accepted` of its drafts were right."""
        length = _length(agreed)
        gain, weight = self._experience[length]
        kept = weight * _FORGET_TRY
        self._experience[length] = ((gain * kept + accepted) / (kept + 1), kept + 1)
        self._pass_s = _mean(self._pass_s, seconds)
        self._spent_s += seconds
        self._earned_s += (1 + accepted) * self._step_s - seconds


def _length(agreed: int) -> int:
    return max(length for length in _PRIOR if length <= agreed)


def _mean(before: float, seconds: float) -> float:
    return before + (seconds - before) * _NEWEST if before else seconds
