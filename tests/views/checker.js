// A short checker of pages: what axe would call serious, as far as our pages could be wrong.
function check() {
  const found = [];
  const say = (kind, element) => found.push(kind + ": " + element.outerHTML.slice(0, 120));
  const named = (element) => (element.getAttribute("aria-label") || element.textContent || "").trim();
  if (document.querySelectorAll("main").length !== 1) found.push("main: not exactly one");
  if (document.querySelectorAll("h1").length !== 1) found.push("h1: not exactly one");
  if (!document.documentElement.lang) found.push("lang: missing");
  if (!document.title) found.push("title: missing");
  document.querySelectorAll("img").forEach((one) => { if (!one.alt.trim()) say("img without alt", one); });
  document.querySelectorAll("[role=img], [role=region], section[aria-label], button, summary").forEach(
    (one) => { if (!named(one)) say("no name", one); });
  document.querySelectorAll("input").forEach((one) => { if (!one.labels.length) say("no label", one); });
  document.querySelectorAll("th").forEach((one) => {
    if (!["col", "row"].includes(one.scope)) say("th without scope", one); });
  const ids = [...document.querySelectorAll("body > * [id]")].filter((one) => !one.closest("svg"))
    .map((one) => one.id);
  if (new Set(ids).size < ids.length) found.push("an id stands twice");
  [...document.body.children].forEach((one) => {
    if (!["MAIN", "SCRIPT", "PRE"].includes(one.tagName)) say("outside of main", one); });
  document.querySelectorAll(".wide").forEach((one) => {
    if (one.scrollWidth > one.clientWidth && one.tabIndex < 0) say("scrolls without keys", one); });
  const parse = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map(
    (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || seen.has(element) || element.closest("noscript, style, script")) continue;
    seen.add(element);
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const inside = element.closest("svg");
    const [a, b] = [light(parse(inside ? style.fill : style.color)), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (ratio < (large ? 3 : 4.5)) say("contrast " + ratio.toFixed(2), element);
  }
  return found;
}
