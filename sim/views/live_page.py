"""The frame of the live view's page: its template and its font."""

from __future__ import annotations

import base64

from sim.views.style import FONT

__all__ = ["PAGE", "font_css"]

PAGE = """
{% extends base %}
{% block preamble %}
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
  main { display: grid; grid-template-columns: 330px minmax(0, 1fr); gap: 6px 18px; padding: 12px; }
  .heading { grid-column: 1 / -1; }
  @media (max-width: 800px) { main { grid-template-columns: minmax(0, 1fr); padding: 6px; } }
</style>
<script>
document.documentElement.lang = "{{ lang }}"
// Bokeh leaves handles and spin buttons without a name for those who cannot see them.
const name = (root) => root.querySelectorAll("*").forEach((one) => {
  if (one.matches(".noUi-handle")) {
    const title = root.querySelector(".bk-slider-title")
    if (title) one.setAttribute("aria-label", title.textContent)
  }
  if (one.matches(".bk-spin-btn-up")) one.setAttribute("aria-label", "+1")
  if (one.matches(".bk-spin-btn-down")) one.setAttribute("aria-label", "-1")
  if (one.shadowRoot) name(one.shadowRoot)
})
setInterval(() => name(document), 500)
</script>
{% endblock %}
{% block contents %}
<main>
  <div class="heading">{{ embed(roots.heading) }}</div>
  <div>{{ embed(roots.side) }}</div>
  <div>{{ embed(roots.main) }}</div>
</main>
{% endblock %}
"""


def font_css() -> str:
    """Return the CSS rule that embeds our font, so that Chinese shows on any machine."""
    data = base64.b64encode(FONT.read_bytes()).decode()
    return (
        '@font-face { font-family: "Weishang Sans"; src: url(data:font/otf;base64,' + data + ") }"
        " body, .bk-root, :host { font-family: 'Weishang Sans', sans-serif !important; }")
