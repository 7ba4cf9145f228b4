"""The chat page: a conversation with the loaded engine, kept as a tree, streamed as it is generated."""
