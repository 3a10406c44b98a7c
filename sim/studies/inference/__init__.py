"""Inference: which settings could have produced the data.

It knows nothing about the market: it asks a simulator for numbers at points of the unit cube, so that a
toy simulator with known answers can test it. There are four parts: the data (`targets`), a smooth
approximation of the simulator (`emulator`), the settings that remain plausible (`posterior`), and the
search that combines them (`search`), with a report of what was learnt (`reading`).
"""
