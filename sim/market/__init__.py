"""The state of the world: persons, resellers, brand, network, books of goods and money."""
