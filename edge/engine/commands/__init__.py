"""What central asks for: one module for each kind of command; `answering` takes a command in."""
