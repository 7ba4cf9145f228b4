"""OpenVINO GenAI as a peer: ov.py MODEL.gguf THREADS. One row only."""

import sys
import time

import numpy as np
import openvino
import openvino_genai as genai
from loop import ids, serve

pipe = genai.LLMPipeline(sys.argv[1], "CPU", INFERENCE_NUM_THREADS=int(sys.argv[2]), PERFORMANCE_HINT="LATENCY")
calls = iter(range(1 << 30))


class Moments(genai.StreamerBase):
    """Notes when each token comes."""

    def __init__(self):
        super().__init__()
        self.times = []

    def write(self, tokens):
        count = len(tokens) if isinstance(tokens, list | tuple) else 1
        self.times += [time.perf_counter()] * count
        return genai.StreamingStatus.RUNNING

    def end(self):
        """Nothing is left to do."""


def measure(prompt, new, batch):
    if batch > 1:
        return None
    settings = genai.GenerationConfig()
    settings.max_new_tokens = settings.min_new_tokens = new
    settings.ignore_eos, settings.do_sample, settings.apply_chat_template = True, False, False
    moments = Moments()
    asked = np.array([ids(prompt, 1000 + next(calls))], np.int64)  # another prompt each time: it caches prefixes
    begun = time.perf_counter()
    pipe.generate(openvino.Tensor(asked), settings, moments)
    return moments.times[0] - begun, moments.times[-1] - moments.times[0]


serve(measure)
