"use strict";
/* Line charts as SVG. A series is {values, tone}; values that are null leave a gap. */
const Charts = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function node(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* The next of 1, 2, 5 times a power of ten, or of two for bytes. */
  function ceiling(value, base) {
    if (value <= 0) return 1;
    const power = Math.pow(base, Math.floor(Math.log(value) / Math.log(base)));
    const steps = base === 1024 ? [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] : [1, 2, 5, 10];
    return power * steps.find(step => step * power >= value * 0.999);
  }

  function path(values, x, y) {
    let line = "", pen = false;
    values.forEach((value, at) => {
      if (value === null) { pen = false; return; }
      line += (pen ? "L" : "M") + x(at).toFixed(1) + " " + y(value).toFixed(1);
      pen = true;
    });
    return line;
  }

  function curves(svg, series, x, y, floor) {
    for (const {values, tone} of series) {
      const first = values.findIndex(value => value !== null);
      const line = path(values, x, y);
      if (first < 0 || line === "") continue;
      const area = line.replaceAll("M", "L").slice(1);
      svg.append(
        node("path", {class: "area " + tone, d: `M${x(first).toFixed(1)} ${floor}L${area}L${x(values.length - 1).toFixed(1)} ${floor}Z`}),
        node("path", {class: "curve " + tone, d: line}));
    }
  }

  /* A chart with rules: options.top fixes the scale, options.base is 1024 for bytes, options.label writes a value. */
  function draw(svg, series, times, options) {
    const width = svg.clientWidth || 300, height = svg.clientHeight || 150;
    const left = 50, right = 6, top = 8, floor = height - 18;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    const most = Math.max(0, ...series.flatMap(each => each.values.filter(value => value !== null)));
    const end = options.top || ceiling(most, options.base || 10);
    const count = times.length;
    const x = at => left + (width - left - right) * (count < 2 ? 1 : at / (count - 1));
    const y = value => floor - (floor - top) * Math.min(1, value / end);
    for (const part of [0, 0.5, 1]) {
      const at = y(end * part);
      svg.append(
        node("line", {class: "rule", x1: left, x2: width - right, y1: at, y2: at}),
        node("text", {x: left - 7, y: at + 4, "text-anchor": "end"}, options.label(end * part)));
    }
    if (count > 1) {
      const seconds = Math.round((times[count - 1] - times[0]) / 1000);
      const ago = seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
      svg.append(node("text", {x: left, y: height - 3}, ago),
        node("text", {x: width - right, y: height - 3, "text-anchor": "end"}, "now"));
    }
    curves(svg, series, x, y, floor);
  }

  /* The same without rules, over all of its place. */
  function spark(svg, values, end, tone) {
    const width = svg.clientWidth || 300, height = svg.clientHeight || 56;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren();
    const x = at => width * (values.length < 2 ? 1 : at / (values.length - 1));
    const y = value => height - 2 - (height - 6) * Math.min(1, end > 0 ? value / end : 0);
    curves(svg, [{values, tone}], x, y, height);
  }

  return {draw, spark};
})();
