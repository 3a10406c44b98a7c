"""Seeing results: pictures, the report page, the live view, and their texts in two languages."""
