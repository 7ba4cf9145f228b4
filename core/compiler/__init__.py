"""From an imported model to engine files: Relax module, machine code, sizing, and the steps of a compile job."""
