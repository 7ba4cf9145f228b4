"""The home page: a large figure, prompts to touch, and an answer that streams beside a moving graph."""
