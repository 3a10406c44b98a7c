"""The rules of the week, one file each: the table of contents of the domain."""

from sim.mechanisms import former_names as former_names
