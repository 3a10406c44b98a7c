"use strict";
(async () => {
  const specs = JSON.parse(document.getElementById("specs").textContent);
  const views = [];
  const all = (name, value) => views.forEach((view) => {
    try { view.signal(name, value).runAsync(); } catch (error) { /* a chart without weeks */ }
  });
  // Charts measure their texts when they are drawn: the font has to be there before.
  await document.fonts.load("12px 'Weishang Sans'", document.title + "周%0");
  await document.fonts.ready;
  for (let place = 0; place < specs.length; place += 1) {
    const options = { actions: false, renderer: "svg", ast: true, tooltip: false };
    const { view } = await vegaEmbed("#chart-" + place, specs[place], options);
    views.push(view);
    try {
      view.addSignalListener("hover", (_, value) => {
        all("week", value && value.week ? value.week[0] : -1);
      });
    } catch (error) { /* a chart without weeks */ }
  }
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
  document.body.dataset.ready = "yes";
})();
