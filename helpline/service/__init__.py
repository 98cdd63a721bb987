"""What the helpline does, step by step: gather, decide (in the core), commit."""
