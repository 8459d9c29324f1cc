"""The conformance kit: plays a node at an integrator's broker and judges how their central acks (contract section 6).

`story` has what the played node tells, `wire` its connection, `node` what it does; `judging` and `commands` judge
what central sends, `trials` is the table of what is tried. What people read of it is the command line's.
"""
