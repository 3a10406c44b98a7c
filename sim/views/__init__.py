"""Views of results: pictures, the report page, the live view, and their texts in two languages."""

from __future__ import annotations

import logging


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a log record of matplotlib is not about its cache folder.

    Users without a home folder would get that message with every picture.
    """
    return not record.getMessage().startswith(("Matplotlib created a temporary", "mkdir -p failed"))


logging.getLogger("matplotlib").addFilter(_is_news)
