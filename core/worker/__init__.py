"""Child processes: the line protocol, the process that runs jobs, and the runner that owns it."""
