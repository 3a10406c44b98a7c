"""How fast the shipped model is, beside references measured in the same minute."""
