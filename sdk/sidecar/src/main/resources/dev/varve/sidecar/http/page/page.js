"use strict";
/* Asks the server for its state every two seconds and draws it. */
(() => {
  const PERIOD = 2000, KEPT = 300;
  const at = id => document.getElementById(id);
  const samples = [];
  const MINIMAL = 1 << 19;
  let seen = 0;

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function scaled(value, base, units) {
    let unit = 0;
    while (Math.abs(value) >= base * 0.9995 && unit < units.length - 1) { value /= base; unit++; }
    const digits = unit === 0 && Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
    return [value.toFixed(digits).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""), units[unit]];
  }
  const BYTES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"], COUNTS = ["", "k", "M", "G", "T"];
  const bytes = value => scaled(value, 1024, BYTES).join(" ");
  const count = value => scaled(value, 1000, COUNTS).join("");
  const percent = value => value === null ? "–" : (value * 100).toFixed(value > 0.9995 || value === 0 ? 0 : 1) + " %";
  const micros = value => value >= 1e6 ? (value / 1e6).toFixed(1) + " s" : value >= 1000 ? (value / 1000).toFixed(1) + " ms" : value.toFixed(0) + " µs";
  const share = (part, whole) => whole > 0 ? part / whole : null;

  function big(id, [number, unit], below) {
    const place = at(id);
    place.replaceChildren(number);
    if (unit) place.append(element("span", "", unit));
    const rest = at(below[0]);
    rest.textContent = below[1];
    rest.title = below[1];
  }

  function duration(seconds) {
    const parts = [[Math.floor(seconds / 86400), "d"], [Math.floor(seconds / 3600) % 24, "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
    const from = parts.findIndex(([value]) => value > 0);
    return (from < 0 ? [[0, "s"]] : parts.slice(from, from + 2)).map(([value, unit]) => `${value} ${unit}`).join(" ");
  }

  /* What grew from each sample to the next, a second. */
  function rates(field) {
    return samples.slice(1).map((sample, i) => {
      const seconds = (sample.millis - samples[i].millis) / 1000;
      return seconds > 0 ? Math.max(0, sample[field] - samples[i][field]) / seconds : null;
    });
  }

  const mean = (values, last) => {
    const some = values.slice(-last).filter(value => value !== null);
    return some.length ? some.reduce((a, b) => a + b, 0) / some.length : 0;
  };

  function drawCharts() {
    const times = samples.slice(1).map(sample => sample.millis);
    const hits = rates("hits"), misses = rates("misses");
    const hitRate = hits.map((value, i) => value === null ? null : share(value, value + misses[i]));
    Charts.draw(at("transfer"), [{values: rates("bytes_in"), tone: "in"}, {values: rates("bytes_out"), tone: "out"}], times, {base: 1024, label: bytes});
    Charts.draw(at("hits"), [{values: hitRate, tone: "stored"}], times, {top: 1, label: value => `${Math.round(value * 100)} %`});
    Charts.draw(at("rate"), [{values: rates("commands"), tone: "plain"}], times, {label: count});
    Charts.draw(at("replacement"), ["stored", "displaced", "expired"].map(name => ({values: rates(name), tone: name})), times, {label: count});
  }

  function drawNow(status) {
    const server = status.server, objects = status.store ? status.store.objects : null;
    const hits = mean(rates("hits"), 5), misses = mean(rates("misses"), 5);
    const now = share(hits, hits + misses);
    const all = percent(share(server.hits, server.hits + server.misses));
    big("hit-rate", now === null ? ["–"] : [(now * 100).toFixed(1), "%"], ["hit-rate-all", `${all} since the start`]);
    big("requests", [count(mean(rates("commands"), 5)), "/s"], ["requests-all", `${count(server.commands)} in all`]);
    for (const [id, field] of [["bytes-in", "bytes_in"], ["bytes-out", "bytes_out"]]) {
      const [number, unit] = scaled(mean(rates(field), 5), 1024, BYTES);
      const total = samples.length ? samples[samples.length - 1][field] : 0;
      big(id, [number, unit + "/s"], [id + "-all", `${bytes(total)} in all`]);
    }
    if (objects) big("values", [count(objects.count)], ["values-bytes", bytes(objects.bytes)]);
    big("clients", [String(server.clients)], ["clients-memory", `${bytes(server.memory_used_bytes)} on their way`]);
    at("facts").textContent = `${server.address} · ${server.transport} · ${server.version} · up ${duration(server.uptime_seconds)}`;
    at("state").textContent = status.status;
    at("state").className = "pill " + status.status;
  }

  function tierCard(name) {
    const card = element("article", "tier " + name);
    const head = element("div", "head");
    head.append(element("span", "name", name), element("small", "kind"), element("span", "flow"));
    const bar = element("div", "bar");
    bar.append(element("div"));
    const sizes = element("div", "sizes");
    sizes.append(element("span", "used"), element("span", "moves"));
    card.append(head, bar, sizes, document.createElementNS("http://www.w3.org/2000/svg", "svg"));
    return card;
  }

  const KINDS = {hot: "native memory", host: "host memory", ssd: "segment files", remote: "other servers"};

  /* A server of values has a hot tier in name only; index is the place in a sample. */
  const shown = tiers => tiers.map((tier, index) => ({...tier, index})).filter(tier => tier.capacity_bytes >= MINIMAL || tier.used_bytes > 0);

  function drawTiers(tiers) {
    const place = at("tiers");
    const names = JSON.stringify(tiers.map(tier => [tier.tier, tier.model]));
    if (place.dataset.names !== names) place.replaceChildren(...tiers.map(tier => tierCard(tier.tier)));
    place.dataset.names = names;
    tiers.forEach((tier, i) => {
      const card = place.children[i];
      const part = share(tier.used_bytes, tier.capacity_bytes) || 0;
      card.querySelector(".kind").textContent = tier.model === "values" ? KINDS[tier.tier] || "" : `${KINDS[tier.tier] || ""} · ${tier.model}`;
      card.querySelector(".bar div").style.width = (part * 100).toFixed(2) + "%";
      const used = card.querySelector(".used");
      used.replaceChildren(element("b", "", bytes(tier.used_bytes)), ` of ${bytes(tier.capacity_bytes)} · ${percent(part)}`);
      card.querySelector(".moves").textContent = `${count(tier.reads)} reads · ${count(tier.writes)} writes`;
      const levels = samples.map(sample => sample.used_bytes[tier.index] === undefined ? null : sample.used_bytes[tier.index]);
      const recent = samples.slice(-6);
      const seconds = recent.length > 1 ? (recent[recent.length - 1].millis - recent[0].millis) / 1000 : 0;
      const flow = seconds > 0 ? (recent[recent.length - 1].used_bytes[tier.index] - recent[0].used_bytes[tier.index]) / seconds : 0;
      const arrow = card.querySelector(".flow");
      const moving = Math.abs(flow) >= 1024;
      arrow.className = "flow" + (moving ? flow > 0 ? " filling" : " draining" : "");
      arrow.textContent = moving ? `${flow > 0 ? "▲ filling" : "▼ draining"} ${bytes(Math.abs(flow))}/s` : "steady";
      Charts.spark(card.querySelector("svg"), levels, tier.capacity_bytes, "tier " + tier.tier);
    });
  }

  function drawCodecs(tiers) {
    const place = at("codecs");
    place.replaceChildren(...tiers.map(tier => {
      const codec = tier.codec, ratio = codec.written_bytes ? codec.raw_bytes / codec.written_bytes : 1;
      const row = element("div", "codec"), head = element("div", "head");
      head.append(element("span", "", `${tier.tier} · ${codec.name}${tier.model === "values" ? "" : " · " + tier.model}`), element("b", "", ratio.toFixed(2) + "×"));
      const bound = codec.error_bound === 0 ? "every bit comes back" : typeof codec.error_bound === "number" ? `error at most ${(codec.error_bound * 100).toPrecision(2)} % of the peak` : "error depends on its tables";
      row.append(head, element("small", "", `${bytes(codec.raw_bytes)} written in ${bytes(codec.written_bytes)} · ${bound}`));
      return row;
    }));
  }

  function drawLosses(status) {
    const store = status.store, server = status.server;
    const damaged = store.tiers.reduce((sum, tier) => sum + tier.damaged_reads, 0);
    const rows = [
      ["values displaced", store.objects.displaced, false], ["values expired", store.objects.expired, false],
      ["dropped puts", server.dropped_puts + store.objects.dropped, true], ["failed checks", damaged + store.objects.lost, true],
      ["failures of the store", server.failures, true], ["wrong passwords", server.wrong_passwords, true],
      ["tokens fetched", store.fetched_tokens, false], ["tokens left: recompute is faster", store.recomputed_tokens, false]];
    at("losses").replaceChildren(...rows.flatMap(([name, value, bad]) =>
      [element("dt", "", name), element("dd", bad && value > 0 ? "some" : "", count(value))]));
  }

  function meter(part) {
    const frame = element("span", "meter"), fill = element("i");
    fill.style.width = ((part || 0) * 100).toFixed(1) + "%";
    frame.append(fill);
    return frame;
  }

  function table(id, heads, rows) {
    const head = element("tr");
    head.append(...heads.map(text => element("th", "", text)));
    const body = rows.map(cells => {
      const row = element("tr");
      cells.forEach((cell, i) => {
        const made = element("td");
        made.append(...[cell].flat());
        if (i === 0) made.title = made.textContent;
        row.append(made);
      });
      return row;
    });
    if (!body.length) {
      const row = element("tr"), cell = element("td", "empty", "nothing yet");
      cell.colSpan = heads.length;
      row.append(cell);
      body.push(row);
    }
    at(id).replaceChildren(head, ...body);
  }

  function drawTables(status) {
    const top = Math.max(1, ...status.prefixes.map(each => each.requests));
    table("prefixes", ["prefix", "requests", "hits", "moved"], status.prefixes.slice(0, 12).map(each =>
      [each.name, [meter(each.requests / top), count(each.requests)], percent(share(each.hits, each.seen)), bytes(each.bytes)]));
    table("tenants", ["tenant", "hit rate", "out"], status.traffic.slice(0, 12).map(each =>
      [each.model ? `${each.tenant} · ${each.model}` : each.tenant, percent(share(each.hits, each.hits + each.misses)), bytes(each.bytes_out)]));
    table("commands", ["command", "runs", "p50", "p99"], status.commands.slice(0, 12).map(each =>
      [each.command, count(each.count), micros(each.p50_micros), micros(each.p99_micros)]));
  }

  async function ask(path) {
    const reply = await fetch(path, {cache: "no-store"});
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
    return reply.json();
  }

  async function look() {
    try {
      const last = samples.length ? samples[samples.length - 1].sequence : -1;
      const [history, status] = await Promise.all([ask("history?after=" + last), ask("status")]);
      samples.push(...history.samples);
      samples.splice(0, Math.max(0, samples.length - KEPT));
      drawNow(status);
      if (status.store) {
        drawTiers(shown(status.store.tiers));
        drawCodecs(shown(status.store.tiers));
        drawLosses(status);
      }
      drawTables(status);
      drawCharts();
      seen = Date.now();
      at("age").textContent = "live, every 2 s";
      document.body.dataset.drawn = String(samples.length);
    } catch (error) {
      at("state").textContent = "out of reach";
      at("state").className = "pill away";
      at("age").textContent = seen ? `as of ${duration(Math.round((Date.now() - seen) / 1000))} ago` : String(error.message);
    }
    setTimeout(look, PERIOD);
  }

  addEventListener("resize", drawCharts);
  look();
})();
