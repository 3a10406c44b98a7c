"""A brand's own books: rosters, histories, fits and forecasts."""
