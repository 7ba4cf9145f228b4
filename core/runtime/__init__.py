"""Running engines: the KV cache, generation, sampling, and the thread that owns the inference child."""
