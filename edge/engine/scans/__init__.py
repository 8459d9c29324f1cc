"""What people scan: one module for each kind of work; `answering` takes a scan in."""
