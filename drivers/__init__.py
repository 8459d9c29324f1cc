"""Devices: one file per kind of scanner and printer, a thread each. They post facts and work off label jobs."""
