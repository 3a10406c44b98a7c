"""Inference: which settings could have brought the data about.

Knows nothing of the market: it asks a simulator for numbers at points of the unit cube, so that a toy
simulator with known answers can put it to the proof. Four parts: what is known (`targets`), a smooth
stand-in for the simulator (`emulator`), the settings that remain plausible (`posterior`), and the
search that brings them together (`search`), with what it learnt and what it could not (`reading`).
"""
