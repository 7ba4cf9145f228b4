"""GGUF files and Hugging Face folders -> a ChatGLM2-style full-sequence ONNX with external weights."""
