"""One engine over several cards: on the CPU each simulated card is a process that holds only its own layers."""
