"""Tokenizers, prompt formats and the decoder that streams whole characters."""
