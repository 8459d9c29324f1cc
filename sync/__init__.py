"""Central: messages, topics and the MQTT connection. Posts commands as facts, publishes what the commit left."""
