"""C10 Panel's engine: import, compile, combine and run ChatGLM2-style models, without any window."""

__version__ = "0.1.0"
