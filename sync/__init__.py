"""Central: messages, topics and the MQTT connection. Posts commands as facts, publishes what commits left."""
