"""The Compile page: the engine library, the wizard for new engines, the running job, and combining two parts."""
