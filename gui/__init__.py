"""C10 Panel's window. Imports core, never the other way round."""
