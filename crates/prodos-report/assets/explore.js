// The chart that zooms and tells values: one probe at a time, the city and, if wanted, its sectors.
{
  const section = document.getElementById("explore");
  const data = JSON.parse(section.querySelector('script[type="application/json"]').textContent);
  const [select] = section.getElementsByTagName("select");
  const [sectors, from, to] = section.getElementsByTagName("input");
  const meaning = section.querySelector(".meaning");
  const box = section.querySelector(".chart");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const [first, last] = [data.days[0], data.days[data.days.length - 1]];
  let chart = null;

  data.probes.forEach((probe, place) => select.add(new Option(probe.name, place)));
  for (const input of [from, to]) {
    input.min = first;
    input.max = last;
    input.step = data.span;
  }
  from.value = first;
  to.value = last;

  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    return ["--ink", "--muted", "--grid", "--paper"].map((name) => style.getPropertyValue(name).trim());
  };
  const series = (name, colour, values, width) => ({
    name, type: "line", showSymbol: false, data: data.days.map((day, k) => [day, values[k]]),
    lineStyle: { width, color: colour }, itemStyle: { color: colour }, sampling: "lttb", animation: !still.matches,
  });
  const draw = () => {
    const probe = data.probes[select.value];
    const [ink, muted, grid, paper] = colours();
    const lines = [series("city", ink, data.city[select.value], 2.5)];
    lines[0].markArea = {
      silent: true,
      data: data.spells.map(([start, end, phase]) => [
        { xAxis: start, itemStyle: { color: data.phases[phase], opacity: phase === 3 ? 0 : 0.16 } }, { xAxis: end },
      ]),
    };
    lines[0].markLine = {
      silent: true, symbol: "none", lineStyle: { color: muted, type: "dotted" },
      label: { formatter: (line) => line.name, color: muted, position: "insideEndTop" },
      data: data.marks.slice(0, 12).map(([name, day]) => ({ name, xAxis: day })),
    };
    const known = data.sectors.filter((sector) => sector.values[select.value]);
    sectors.disabled = known.length === 0;
    if (sectors.checked) {
      for (const sector of known) lines.push(series(sector.name, sector.colour, sector.values[select.value], 1.5));
    }
    const spans = data.span > 1 ? ` Means of ${data.span} days.` : "";
    const runs = data.runs > 1 ? ` Median of ${data.runs} runs.` : "";
    meaning.textContent = `${probe.meaning}${spans}${runs}`;
    box.setAttribute("aria-label", `${probe.name} in ${probe.unit} over days. ${probe.meaning}`);
    chart.setOption({
      textStyle: { fontFamily: "Inter, system-ui, sans-serif" },
      aria: { enabled: true },
      grid: { left: 64, right: 24, top: 36, bottom: 96 },
      legend: { show: lines.length > 1, type: "scroll", bottom: 0, textStyle: { color: ink }, pageTextStyle: { color: ink } },
      tooltip: {
        trigger: "axis", backgroundColor: paper, borderColor: grid, textStyle: { color: ink, fontSize: 13 }, confine: true,
        valueFormatter: (value) => (value === null || value === undefined ? "none" : `${value} ${probe.unit}`),
      },
      xAxis: {
        type: "value", min: first, max: last, name: "day", nameLocation: "middle", nameGap: 26,
        axisLabel: { color: muted }, nameTextStyle: { color: muted }, splitLine: { show: false }, axisLine: { lineStyle: { color: muted } },
      },
      yAxis: {
        type: "value", scale: true, name: probe.unit, nameTextStyle: { color: muted, align: "left" },
        axisLabel: { color: muted }, splitLine: { lineStyle: { color: grid } },
      },
      dataZoom: [
        { type: "inside", startValue: Number(from.value), endValue: Number(to.value) },
        { type: "slider", bottom: 34, height: 22, labelFormatter: (value) => Math.round(value), textStyle: { color: muted }, borderColor: grid },
      ],
      series: lines,
    }, { notMerge: true });
  };
  const zoom = () => chart.dispatchAction({ type: "dataZoom", startValue: Number(from.value), endValue: Number(to.value) });
  const begin = () => {
    chart = echarts.init(box, null, { renderer: "svg" });
    chart.on("datazoom", () => {
      const [{ startValue, endValue }] = chart.getOption().dataZoom;
      if (document.activeElement !== from) from.value = Math.round(startValue);
      if (document.activeElement !== to) to.value = Math.round(endValue);
    });
    draw();
  };
  select.addEventListener("change", draw);
  sectors.addEventListener("change", draw);
  from.addEventListener("change", zoom);
  to.addEventListener("change", zoom);
  dark.addEventListener("change", draw);
  addEventListener("resize", () => chart?.resize());
  begin();
}
