"""The show pieces: what visitors stand still for and photograph."""
