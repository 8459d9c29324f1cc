"""The acts of the demo. Each step says what must come of it; `edge.demo.story` has their order."""
