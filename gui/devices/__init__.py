"""The cards and the processor: what is there, how much may be used, which card holds which layers."""
