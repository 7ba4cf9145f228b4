"""How much of the model an engine has kept: weights' errors, perplexity and answers against the original."""
