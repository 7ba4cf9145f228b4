"""One prompt, three engines of the same model: how fast each answers, and where their answers part."""
