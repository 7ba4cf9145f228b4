"""The Compass C10 target: driving the vendor's SDK in its own interpreter, on the host or in its container."""
