"""Sentencepiece vocabularies of GGUF files (pieces, scores, kinds) -> a tokenizer.model or a tokenizer.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_SPACE = "▁"
_FIRST_ADDED = ("[MASK]", "[gMASK]")
"""ChatGLM's own tokens come behind the sentencepiece model's pieces; one of these is the first."""


def chatglm_model(pieces: Sequence[str], scores: Sequence[float], kinds: Sequence[int]) -> bytes:
    """Return a sentencepiece model of ChatGLM2's kind: BPE with byte fallback, no normalisation, a leading space.

    GGUF and sentencepiece number the kinds of pieces alike.
    """
    from sentencepiece import sentencepiece_model_pb2

    end = next((i for i, piece in enumerate(pieces) if piece in _FIRST_ADDED), len(pieces))
    model = sentencepiece_model_pb2.ModelProto()
    for i in range(end):
        model.pieces.add(piece=pieces[i], score=scores[i], type=kinds[i])
    trainer = model.trainer_spec
    trainer.model_type = trainer.BPE
    trainer.vocab_size, trainer.byte_fallback = end, True
    trainer.unk_id, trainer.bos_id, trainer.eos_id, trainer.pad_id = 0, 1, 2, -1
    trainer.unk_piece, trainer.bos_piece, trainer.eos_piece = pieces[0], pieces[1], pieces[2]
    normalizer = model.normalizer_spec
    normalizer.name, normalizer.add_dummy_prefix, normalizer.remove_extra_whitespaces = "identity", True, False
    return bytes(model.SerializeToString())


def merges_of(pieces: Sequence[str], scores: Sequence[float]) -> list[tuple[str, str]]:
    """Return the merges that build each piece from two others, the best score first.

    Sentencepiece joins the two neighbours whose union scores best; a list of merges says the same.
    """
    index = {piece: i for i, piece in enumerate(pieces)}
    found: list[tuple[float, int, int, str, str]] = []
    for piece, i in index.items():
        splits = ((piece[:cut], piece[cut:]) for cut in range(1, len(piece)))
        found += [(-scores[i], index[a], index[b], a, b) for a, b in splits if a in index and b in index]
    return [(a, b) for *_, a, b in sorted(found)]


def spaced_tokenizer(pieces: Sequence[str], scores: Sequence[float], unknown: str | None, *, prefix: bool) -> Any:
    """Return a `tokenizers` BPE with byte fallback that writes spaces as pieces; `prefix` puts one before a text."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    vocabulary = {piece: i for i, piece in enumerate(pieces)}
    tokenizer = Tokenizer(
        models.BPE(vocabulary, merges_of(pieces, scores), unk_token=unknown, fuse_unk=True, byte_fallback=True)
    )
    spaces = normalizers.Replace(" ", _SPACE)
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend(_SPACE), spaces]) if prefix else spaces
    steps = [decoders.Replace(_SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*steps, decoders.Strip(" ", 1, 0)] if prefix else steps)
    return tokenizer
