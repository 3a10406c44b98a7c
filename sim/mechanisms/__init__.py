"""The rules of the week, one file each: the table of contents of the domain."""
