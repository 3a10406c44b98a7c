"use strict";
(async () => {
  const specs = JSON.parse(document.getElementById("specs").textContent);
  const views = [];
  const drawn = new Set();
  const all = (name, value) => views.forEach((view) => {
    try { view.signal(name, value).runAsync(); } catch (error) { /* a chart without weeks */ }
  });
  // Charts measure their texts when they are drawn: the font has to be there before.
  await document.fonts.load("12px 'Weishang Sans'", document.title + "周%0");
  await document.fonts.ready;
  const draw = async (place) => {
    if (place >= specs.length || drawn.has(place)) return;
    drawn.add(place);
    const options = { actions: false, renderer: "svg", ast: true, tooltip: false };
    const { view } = await vegaEmbed("#chart-" + place, specs[place], options);
    views.push(view);
    // The chart's one description is that of its element; its parts would each ask for their own.
    document.querySelector("#chart-" + place + " svg").setAttribute("aria-hidden", "true");
    try {
      view.addSignalListener("hover", (_, value) => {
        all("week", value && value.week ? value.week[0] : -1);
      });
    } catch (error) { /* a chart without weeks */ }
  };
  if (specs.length) await draw(0);
  // What is folded has no width yet: it is drawn when it is opened.
  const curves = document.getElementById("curves");
  if (curves) curves.addEventListener("toggle", async () => {
    for (let place = 1; curves.open && place < specs.length; place += 1) await draw(place);
    document.body.dataset.curves = "yes";
  });
  const from = document.getElementById("from");
  const to = document.getElementById("to");
  const narrow = () => {
    const low = Math.min(+from.value, +to.value), high = Math.max(+from.value, +to.value);
    document.getElementById("from-shown").textContent = low;
    document.getElementById("to-shown").textContent = high;
    all("from", low);
    all("to", high);
  };
  if (from) { from.addEventListener("input", narrow); to.addEventListener("input", narrow); }
  document.getElementById("save").addEventListener("click", () => {
    const cell = (value) => value === undefined || value === null ? ""
      : /[",\n]/.test(String(value)) ? '"' + String(value).replaceAll('"', '""') + '"' : String(value);
    const lines = [["chart", "series", "week", "at", "value", "low", "high"].join(",")];
    specs.forEach((spec) => spec.data.values.forEach((row) => lines.push(
      [spec.title.text, row.series, row.week, row.at, row.value, row.low, row.high].map(cell).join(","))));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\n")], { type: "text/csv" }));
    link.download = "curves.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  document.body.dataset.ready = "yes";
})();
