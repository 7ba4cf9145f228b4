"""Small tokenizers that are trained on the spot."""

from __future__ import annotations

import json
from functools import lru_cache

TEMPLATE = (
    "{% for message in messages %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_CORPUS = [
    "Hello world, this is a small text.",
    "你好，世界。今天天气很好。",
    "def main():\n    return 1\n",
    "question answer",
]


@lru_cache(maxsize=4)
def bpe_files(kind: str) -> dict[str, bytes]:
    """Return the files of a tiny BPE tokenizer: "byte_level" (as GPT-2's) or "metaspace" (as Llama's)."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

    byte_level = kind == "byte_level"
    alphabet = pre_tokenizers.ByteLevel.alphabet() if byte_level else []
    byte_tokens = [] if byte_level else [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = Tokenizer(models.BPE(unk_token=None if byte_level else "<unk>", byte_fallback=not byte_level))
    if byte_level:
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
        tokenizer.decoder = decoders.Sequence(
            [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
        )
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[
            "<|endoftext|>",
            "<|im_start|>",
            "<|im_end|>",
            *([] if byte_level else ["<unk>"]),
            *byte_tokens,
        ],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator(_CORPUS * 4, trainer)
    tokenizer.add_tokens([AddedToken("<|tool|>", special=False, normalized=False)])
    layout = json.loads(tokenizer.to_str())
    layout["added_tokens"] = [t for t in layout["added_tokens"] if t["content"] not in byte_tokens]
    config = {"chat_template": TEMPLATE, "eos_token": "<|im_end|>", "bos_token": {"content": "<|im_start|>"}}
    return {
        "tokenizer.json": json.dumps(layout).encode(),
        "tokenizer_config.json": json.dumps(config).encode(),
    }
