'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const $ = id => document.getElementById(id);
  const colors = 6;
  const nearest = 5;
  const state = { router: 0, places: data.routers.map(router => router.start), axis: 'share' };

  // Text goes in as text nodes only, for prompts may hold anything.

  function add(parent, name, attributes, ...children) {
    const isPicture = name === 'svg' || parent instanceof SVGElement;
    const element = isPicture ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
    element.append(...children);
    parent.append(element);
    return element;
  }

  const number = (value, digits) => value == null ? '–' : value.toFixed(digits);
  const percent = (value, digits = 1) => value == null ? '–' : (value * 100).toFixed(digits) + '%';
  const dollars = value => value == null ? '–' : '$' + (Math.abs(value) >= 1 || value === 0 ? value.toFixed(2) : value.toPrecision(3));
  const count = value => value.toLocaleString('en-US');

  // Rounded down, so that the prompt whose win probability it is stays strong when somebody copies it.
  const threshold = value => value == null ? 'none' : value >= 0.001 ? (Math.floor(value * 1e5) / 1e5).toFixed(5) : value === 0 ? '0' : value.toPrecision(3);

  const router = () => data.routers[state.router];
  const place = () => state.places[state.router];
  const point = (of = router(), i = place()) => ({
    threshold: of.points.thresholds[i], share: of.points.strongShares[i], quality: of.points.qualities[i] ?? null, cost: of.points.costs[i] ?? null,
  });
  const isStrong = probability => point().threshold != null && probability >= point().threshold;

  function ticks(min, max, wanted, isWhole) {
    const raw = (max - min) / wanted, power = 10 ** Math.floor(Math.log10(raw));
    const step = isWhole && raw < 1 ? 1 : (isWhole ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map(factor => factor * power).find(size => size >= raw);
    const all = [];
    for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) all.push(i * step || 0);
    return { all, digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (step / power === 2.5 ? 1 : 0)) };
  }

  function chart(host, name, x, y) {
    host.replaceChildren();
    const width = host.clientWidth, height = host.clientHeight, left = 56, right = 14, top = 10, bottom = 42;
    const svg = add(host, 'svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': name });
    const X = value => left + (value - x.min) / (x.max - x.min) * (width - left - right);
    const Y = value => height - bottom - (value - y.min) / (y.max - y.min) * (height - top - bottom);
    const across = ticks(x.min, x.max, Math.max(3, Math.min(10, width / 90))), up = ticks(y.min, y.max, Math.max(3, height / 60), y.isWhole);
    for (const value of up.all) {
      add(svg, 'line', { class: 'grid', x1: left, x2: width - right, y1: Y(value), y2: Y(value) });
      add(svg, 'text', { class: 'tick', x: left - 8, y: Y(value) + 4, 'text-anchor': 'end' }, y.format(value, up.digits));
    }
    for (const value of across.all) {
      add(svg, 'line', { class: 'grid', x1: X(value), x2: X(value), y1: top, y2: height - bottom });
      add(svg, 'text', { class: 'tick', x: X(value), y: height - bottom + 17, 'text-anchor': X(value) > width - 24 ? 'end' : 'middle' }, x.format(value, across.digits));
    }
    add(svg, 'line', { class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom });
    add(svg, 'text', { class: 'tick', x: (left + width - right) / 2, y: height - 6, 'text-anchor': 'middle' }, x.label);
    add(svg, 'text', { class: 'tick', x: 12, y: (top + height - bottom) / 2, 'text-anchor': 'middle', transform: `rotate(-90 12 ${(top + height - bottom) / 2})` }, y.label);
    const path = points => points.map(([a, b], i) => (i ? 'L' : 'M') + X(a).toFixed(1) + ' ' + Y(b).toFixed(1)).join('');
    return { svg, X, Y, path, width, height, left, right, top, bottom };
  }

  const isCost = () => state.axis === 'cost';
  const across = (of, i) => isCost() ? of.points.costs[i] * 1000 : of.points.strongShares[i];

  // The cost at a strong share that lies between two places.
  function costAt(of, share) {
    const { strongShares, costs } = of.points;
    const i = Math.max(1, strongShares.findIndex(value => value >= share));
    const part = (share - strongShares[i - 1]) / (strongShares[i] - strongShares[i - 1]);
    return (costs[i - 1] + part * (costs[i] - costs[i - 1])) * 1000;
  }

  let curve;
  function drawCurve() {
    const all = [...data.routers.flatMap(of => [...of.points.qualities, ...of.band.flatMap(([, low, high]) => [low, high])]), ...(isCost() ? [] : data.oracle.map(corner => corner[1]))];
    const pad = (Math.max(...all) - Math.min(...all)) * 0.06 || 0.05;
    const costs = isCost() ? data.routers.flatMap(of => of.points.costs).map(cost => cost * 1000) : [0, 1];
    const [min, max] = [Math.min(...costs), Math.max(...costs)];
    curve = chart($('curve'), 'Quality over ' + (isCost() ? 'cost' : 'strong share'),
      { min: isCost() ? min - (max - min) * 0.02 : 0, max: isCost() ? max + (max - min) * 0.02 : 1, label: isCost() ? 'cost of 1,000 answers (USD)' : 'share of prompts sent to the strong model', format: isCost() ? (value, digits) => '$' + value.toFixed(digits) : value => percent(value, 0) },
      { min: Math.min(...all) - pad, max: Math.max(...all) + pad, label: 'mean score', format: (value, digits) => value.toFixed(digits) });
    const { svg, X, Y, path } = curve;
    const first = data.routers[0], last = first.points.qualities.length - 1;
    if (!isCost()) add(svg, 'path', { class: 'oracle', d: path(data.oracle) });
    add(svg, 'path', { class: 'random', d: path([[across(first, 0), first.points.qualities[0]], [across(first, last), first.points.qualities[last]]]) });
    data.routers.forEach((of, r) => {
      const place = share => isCost() ? costAt(of, share) : share;
      const outline = [...of.band.map(([share, , high]) => [place(share), high]), ...of.band.map(([share, low]) => [place(share), low]).reverse()];
      add(svg, 'path', { class: `band fill${r % colors}`, d: path(outline) + 'Z' });
    });
    data.routers.forEach((of, r) => add(svg, 'path', {
      class: `line stroke${r % colors}` + (r === state.router ? '' : ' faint'), d: path(of.points.qualities.map((quality, i) => [across(of, i), quality])),
    }));
    for (const [name, i] of [[data.weakModel, 0], [data.strongModel, last]]) {
      const x = X(across(first, i)), y = Y(first.points.qualities[i]), isLeft = x < curve.width / 2, isUp = i === last;
      add(svg, 'circle', { class: 'model', cx: x, cy: y, r: 4.5 });
      add(svg, 'text', { class: 'halo', x: x + (isLeft ? 8 : -8), y: isUp ? y - 14 : y + 19, 'text-anchor': isLeft ? 'start' : 'end' }, name);
    }
    curve.cursor = add(svg, 'line', { class: 'cursor', y1: curve.top, y2: curve.height - curve.bottom });
    curve.handle = add(svg, 'circle', { class: `handle fill${state.router % colors}`, r: 8 });
  }

  let histogram;
  function drawHistogram() {
    const { low, width, counts } = router().histogram;
    histogram = chart($('histogram'), 'How many prompts get which win probability',
      { min: low, max: low + width * counts.length, label: 'win probability', format: (value, digits) => value.toFixed(digits) },
      { min: 0, max: Math.max(...counts) * 1.05, label: 'prompts', format: count, isWhole: true });
    const { svg, X, Y } = histogram;
    histogram.sides = ['weak', 'strong'].map(side => {
      const visible = add(add(svg, 'clipPath', { id: `${side}-side` }), 'rect', { y: 0, height: histogram.height });
      const bars = add(svg, 'g', { class: `to-${side}`, 'clip-path': `url(#${side}-side)` });
      counts.forEach((height, i) => add(bars, 'rect', { x: X(low + i * width) + 0.5, y: Y(height), width: Math.max(1, X(low + width) - X(low) - 1), height: Y(0) - Y(height) }));
      return visible;
    });
    histogram.cursor = add(svg, 'line', { class: 'cursor', y1: histogram.top, y2: histogram.height - histogram.bottom });
    $('histogram-text').textContent = `Left of the dashed line, prompts go to ${data.weakModel}, right of it to ${data.strongModel}.`;
  }

  function drawReliability() {
    const points = router().reliability, most = Math.max(...points.map(bin => bin.count));
    const scale = label => ({ min: -0.04, max: 1.04, label, format: value => percent(value, 0) });
    const { svg, X, Y, path } = chart($('reliability'), 'Reliability diagram', scale('predicted'), scale('observed'));
    add(svg, 'path', { class: 'random', d: path([[0, 0], [1, 1]]) });
    for (const bin of points) {
      add(svg, 'line', { class: `line stroke${state.router % colors}`, x1: X(bin.prediction), x2: X(bin.prediction), y1: Y(bin.low), y2: Y(bin.high) });
      const dot = add(svg, 'circle', { class: `fill${state.router % colors}`, cx: X(bin.prediction), cy: Y(bin.outcome), r: 3 + 7 * Math.sqrt(bin.count / most) });
      add(dot, 'title', {}, `${count(bin.count)} prompts: predicted ${percent(bin.prediction)}, observed ${percent(bin.outcome)}`);
    }
    $('reliability-text').textContent = `How often ${data.strongModel} was better, or was rated to be, over how often that was predicted; the larger a dot, the more prompts. Calibration error ${number(router().calibrationError, 3)}.`;
  }

  function table(host, columns, rows) {
    const used = columns.filter(column => rows.some(row => column.value(row) != null));
    let sorted = rows, by = null, isDown = false;
    const draw = () => {
      host.replaceChildren();
      const element = add(host, 'table'), head = add(add(element, 'thead'), 'tr'), body = add(element, 'tbody');
      for (const column of used) {
        const cell = add(head, 'th', { scope: 'col', class: column.isNumber ? 'number' : 'text', 'aria-sort': by !== column ? 'none' : isDown ? 'descending' : 'ascending' });
        const button = add(cell, 'button', { type: 'button' }, column.name + (by !== column ? '' : isDown ? ' ▾' : ' ▴'));
        button.addEventListener('click', () => {
          isDown = by === column ? !isDown : column.isNumber;
          by = column;
          const sign = isDown ? -1 : 1, last = isDown ? -Infinity : Infinity;
          sorted = [...rows].sort((a, b) => sign * (column.isNumber ? (column.value(a) ?? last) - (column.value(b) ?? last) : String(column.value(a)).localeCompare(String(column.value(b)))));
          draw();
          host.querySelectorAll('th button')[used.indexOf(column)].focus();
        });
      }
      for (const row of sorted) {
        const line = add(body, 'tr');
        for (const column of used) {
          const cell = add(line, 'td', { class: column.isNumber ? 'number' : 'text' }, column.show ? column.show(column.value(row)) : column.value(row));
          const margin = column.margin?.(row);
          if (margin != null) add(cell, 'span', { class: 'pm' }, ` ±${number(margin, 3)}`);
        }
      }
    };
    draw();
  }

  const numbers = (name, value, show, margin) => ({ name, value, show, margin, isNumber: true });
  const three = value => number(value, 3);
  const whole = value => percent(value, 1);
  const half = row => row.apgrLow == null ? null : (row.apgrHigh - row.apgrLow) / 2;

  function drawTables() {
    table($('routers'), [
      { name: 'Router', value: row => row.router },
      numbers('APGR', row => row.apgr, three, half), numbers('CPT(50%)', row => row.cpt50, whole), numbers('CPT(80%)', row => row.cpt80, whole),
      numbers('Rank corr.', row => row.rankCorrelation, three), numbers('Cal. error', row => row.calibrationError, three),
      numbers('Threshold', row => row.threshold, threshold), numbers('Strong share', row => row.strongShare, whole), numbers('Quality kept', row => row.qualityRetained, whole), numbers('Cost saved', row => row.costSaved, whole),
    ], data.routers.map(of => ({ router: of.name, threshold: of.threshold, ...of.slices[0] })));
    $('differences-section').hidden = data.differences.length === 0;
    $('differences-text').textContent = `From ${data.routers[0].name}, on the same prompts. p is how likely so large a difference is if there is none.`;
    const exact = value => value == null ? '–' : value !== 0 && Math.abs(value) < 0.001 ? value.toPrecision(2) : value.toFixed(3);
    table($('differences'), [
      { name: 'Router', value: row => row.router }, { name: 'Measure', value: row => row.metric },
      numbers('Value', row => row.value, exact), numbers('Reference', row => row.reference, exact), numbers('Difference', row => row.difference, exact),
      numbers('From', row => row.low, exact), numbers('To', row => row.high, exact), numbers('p', row => row.pValue, exact),
    ], data.differences);
  }

  function drawSlices() {
    const slices = router().slices;
    $('slices-section').hidden = slices.length < 2;
    $('slices-text').textContent = `${router().name}; strong share, quality and cost at the evaluated threshold ${threshold(router().threshold)}.`;
    table($('slices'), [
      { name: 'Source', value: row => row.name }, numbers('Rows', row => row.rows, count),
      numbers('Weak', row => row.weakQuality, three), numbers('Strong', row => row.strongQuality, three), numbers('APGR', row => row.apgr, three, half),
      numbers('CPT(50%)', row => row.cpt50, whole), numbers('CPT(80%)', row => row.cpt80, whole),
      numbers('Strong share', row => row.strongShare, whole), numbers('Quality kept', row => row.qualityRetained, whole), numbers('Cost saved', row => row.costSaved, whole),
      numbers('Rank corr.', row => row.rankCorrelation, three), numbers('Cal. error', row => row.calibrationError, three),
    ], slices);
  }

  function verdict(example, toStrong) {
    if (example.strongScore == null) return example.rating == null ? null : ['', `rated ${number(example.rating, 2)}`];
    if (example.strongScore === example.weakScore) return ['', 'both answers are as good'];
    return (example.strongScore > example.weakScore) === toStrong ? ['right', 'the better answer'] : ['wrong', 'the worse answer'];
  }

  function drawExample(host, example, toStrong) {
    const card = add(host, 'article', { class: 'example' }), meta = add(card, 'div', { class: 'meta' });
    add(meta, 'span', {}, `win probability ${number(example.winProbability, 3)}`);
    if (example.source) add(meta, 'bdi', {}, example.source);
    if (example.strongScore != null) add(meta, 'span', {}, `strong ${number(example.strongScore, 2)}, weak ${number(example.weakScore, 2)}`);
    const [kind, text] = verdict(example, toStrong) ?? [];
    if (text) add(meta, 'span', { class: kind }, text);
    const prompt = add(card, 'div', { class: 'prompt', dir: 'auto', title: example.id }, example.text + (example.length > example.text.length ? '…' : ''));
    if (example.length > example.text.length) add(meta, 'span', {}, `${count(example.length)} characters`);
    if (prompt.scrollHeight <= prompt.clientHeight + 2) return;
    const more = add(card, 'button', { type: 'button', class: 'more', 'aria-expanded': 'false' }, 'show more');
    more.addEventListener('click', () => {
      const isOpen = prompt.classList.toggle('open');
      more.setAttribute('aria-expanded', isOpen);
      more.textContent = isOpen ? 'show less' : 'show more';
    });
  }

  let shown = '';
  function drawExamples() {
    const { examples } = router();
    const split = examples.findIndex(example => isStrong(example.winProbability)), border = split < 0 ? examples.length : split;

    // While the slider moves between two examples there is nothing to draw again.
    if (shown === `${state.router} ${border}`) return;
    shown = `${state.router} ${border}`;
    for (const [id, chosen, toStrong] of [['below', examples.slice(Math.max(0, border - nearest), border).reverse(), false], ['above', examples.slice(border, border + nearest), true]]) {
      $(id).replaceChildren();
      chosen.forEach(example => drawExample($(id), example, toStrong));
      if (chosen.length === 0) add($(id), 'p', { class: 'quiet' }, 'No prompt goes there at this threshold.');
    }
  }

  function showPoint() {
    const here = point(), { qualities, costs } = router().points;
    const weak = qualities[0], strong = qualities[qualities.length - 1], top = costs[costs.length - 1];
    $('share').textContent = percent(here.share);
    $('share-sub').textContent = `of ${data.oracle.length && data.overall.scoredRows < data.overall.rows ? 'the scored prompts' : 'prompts'} go to ${data.strongModel}`;
    $('quality').textContent = number(here.quality, 4);
    $('quality-sub').textContent = here.quality == null ? 'the rows have no scores'
      : [strong === 0 ? null : `${percent(here.quality / strong)} of the strong model's`, strong === weak ? null : `${percent((here.quality - weak) / (strong - weak), 0)} of the gap`].filter(Boolean).join(', ');
    $('cost').textContent = here.cost == null ? '–' : dollars(here.cost * 1000);
    $('cost-sub').textContent = here.cost == null ? 'the rows have no costs' : `per 1,000 answers${top > 0 ? `, ${percent(1 - here.cost / top)} saved` : ''}`;
    $('threshold').textContent = threshold(here.threshold);
    $('threshold-sub').textContent = here.threshold == null ? 'nothing is strong' : 'strong from here on';
    $('slider').value = place();
    $('slider').setAttribute('aria-valuetext', `${percent(here.share)} strong, threshold ${threshold(here.threshold)}`);

    if (curve) {
      const x = curve.X(across(router(), place()));
      curve.handle.setAttribute('cx', x);
      curve.handle.setAttribute('cy', curve.Y(here.quality));
      curve.cursor.setAttribute('x1', x);
      curve.cursor.setAttribute('x2', x);
    }
    const { low, width, counts } = router().histogram, end = low + width * counts.length;
    const line = histogram.X(Math.min(end, Math.max(low, here.threshold ?? end)));
    histogram.cursor.setAttribute('x1', line);
    histogram.cursor.setAttribute('x2', line);
    const [weakSide, strongSide] = histogram.sides;
    weakSide.setAttribute('x', 0);
    weakSide.setAttribute('width', line);
    strongSide.setAttribute('x', line);
    strongSide.setAttribute('width', histogram.width - line);
    drawExamples();
  }

  function move(to) {
    state.places[state.router] = Math.min(router().points.thresholds.length - 1, Math.max(0, to));
    showPoint();
  }

  function drawCharts() {
    if (data.oracle.length) drawCurve();
    drawHistogram();
    drawReliability();
    showPoint();
  }

  function showRouter() {
    $('slider').max = router().points.thresholds.length - 1;
    $('notes').replaceChildren();
    router().notes.forEach(note => add($('notes'), 'p', { class: 'note' }, note));
    drawSlices();
    drawCharts();
  }

  function drag(event) {
    const x = event.clientX - $('curve').getBoundingClientRect().left;
    const distances = router().points.thresholds.map((_, i) => Math.abs(curve.X(across(router(), i)) - x));
    move(distances.indexOf(Math.min(...distances)));
  }

  document.querySelector('main').hidden = false;
  $('about').textContent = [
    data.description, `${count(data.overall.rows)} prompts, ${data.scale}.`, `Router${data.routers.length > 1 ? 's' : ''}: ${data.routers.map(of => of.name + (of.fingerprint ? ` (${of.fingerprint.slice(0, 8)})` : '')).join(', ')}.`, `Made ${data.createdAt}.`,
  ].filter(Boolean).join(' ');
  $('interval-text').textContent = `Where the number lies for ${percent(data.confidence, 0)} of the sets of prompts drawn again, with repetition, from these (the bootstrap). In the reliability diagram: Wilson's 95% interval.`;
  $('weak-end').textContent = 'all weak';
  $('strong-end').textContent = 'all strong';
  $('below-title').textContent = `To ${data.weakModel}, from just below the threshold down`;
  $('above-title').textContent = `To ${data.strongModel}, from the threshold up`;
  $('examples-section').hidden = data.routers.every(of => of.examples.length === 0);
  $('router-choice').hidden = data.routers.length === 1;
  data.routers.forEach((of, i) => add($('router'), 'option', { value: i }, of.name));
  $('axes').hidden = !data.hasCosts;
  $('curve').parentElement.hidden = data.oracle.length === 0;
  for (const [kind, r, name] of [...data.routers.map((of, i) => [`line stroke${i % colors}`, i, of.name]), ['oracle', null, 'oracle (over strong share)'], ['random', null, 'random on average']]) {
    const key = add($('legend'), 'span', { class: 'key' });
    add(add(key, 'svg', { viewBox: '0 0 28 12', 'aria-hidden': 'true' }), 'line', { class: kind, x1: 0, x2: 28, y1: 6, y2: 6 });
    key.append(name);
  }

  $('slider').addEventListener('input', () => move(Number($('slider').value)));
  $('router').addEventListener('change', () => { state.router = Number($('router').value); showRouter(); });
  $('axes').addEventListener('change', event => { state.axis = event.target.value; drawCharts(); });
  $('curve').addEventListener('pointerdown', event => { $('curve').setPointerCapture(event.pointerId); drag(event); });
  $('curve').addEventListener('pointermove', event => { if ($('curve').hasPointerCapture(event.pointerId)) drag(event); });
  drawTables();
  showRouter();
  let width = innerWidth;
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; drawCharts(); } });
})();
