"""Engine files (.ngf): a strict reader, a streaming writer, combining, inspecting. Nothing here runs their content."""
