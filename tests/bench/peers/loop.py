"""The loop of a peer: one engine in its own process and environment, measured by JSON lines on stdin and stdout.

No imports beyond the standard library, and none of the project's: it runs in the rivals' environments.
A request is {"prompt": tokens, "new": tokens, "batch": rows}; the answer {"first_s": ..., "decode_s": ...} has the
seconds to the first token of all rows and from there to the last. {"first_s": null} means that it can't be done.
"""

import json
import os
import random
import sys


def ids(length, seed=0, vocab=49000):
    """Return random token ids, the same for every peer."""
    drawn = random.Random(seed)
    return [drawn.randrange(100, vocab) for _ in range(length)]


def serve(measure):
    """Answer requests with `measure(prompt, new, batch) -> (first_s, decode_s)` until stdin ends."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    out.write('{"ready": true}\n')
    out.flush()
    for line in sys.stdin:
        request = json.loads(line)
        first, decode = measure(request["prompt"], request["new"], request["batch"]) or (None, None)
        out.write(json.dumps({"first_s": first, "decode_s": decode}) + "\n")
        out.flush()
