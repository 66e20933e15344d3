// The Health page while it is open: live recent messages, figures that are renewed, the chart and its keys.
// Nothing moves under a pointer or a focus; every figure is in the page without this script too.
(() => {
  const refresh_ms = 10000, retry_ms = 10000;
  const page = '/admin/notification-health';
  const find = id => document.getElementById(id);
  const is_busy = element => element.matches(':hover, :focus-within');
  const live = find('live');
  const tell = (tone, text) => { live.className = `state ${tone}`; if (live.textContent !== text) live.textContent = text; };

  // ---- the chart, drawn from the table's rows
  const series = [['E-mail sent', '--chart-1'], ['SMS sent', '--chart-2'], ['Slack sent', '--chart-3'], ['Failed', '--chart-bad']];
  const rows = () => {
    const table = find('chart-rows');
    const names = [...table.tHead.rows[0].cells].slice(1).map(cell => cell.textContent);
    const lines = [...table.tBodies[0].rows].reverse().map(row => ({
      clock: row.cells[0].textContent.trim(),
      values: [...row.cells].slice(1).map(cell => cell.textContent === '–' ? null : Number(cell.textContent)),
    }));
    return {names, lines};
  };
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  let chart = null;
  // A figure with none on either side has no line, so it gets a dot.
  const stands_alone = ({dataset, dataIndex}) => dataset.data[dataIndex] !== null && dataset.data[dataIndex - 1] == null && dataset.data[dataIndex + 1] == null;
  const datasets = ({names, lines}) => names.map((name, index) => {
    const line = colour((series.find(([known]) => known === name) || series[0])[1]);
    return {label: name, data: lines.map(row => row.values[index]), borderColor: line, backgroundColor: line + '55',
            fill: index === 0 ? 'origin' : '-1', spanGaps: false, borderWidth: 1.5, pointRadius: point => stands_alone(point) ? 3 : 0, pointHitRadius: 12, tension: 0,
            segment: {borderDash: so_far => so_far.p1DataIndex === lines.length - 1 ? [4, 4] : undefined}};
  });
  const draw = () => {
    const data = rows();
    const ink = colour('--soft'), rule = colour('--rule');
    if (chart) chart.destroy();
    const axis = {ticks: {color: ink, maxRotation: 0}, grid: {color: rule}, stacked: true};
    chart = new Chart(find('chart').querySelector('canvas'), {
      type: 'line',
      data: {labels: data.lines.map(row => row.clock), datasets: datasets(data)},
      options: {
        animation: false, maintainAspectRatio: false, interaction: {mode: 'index', intersect: false},
        scales: {x: axis, y: {...axis, beginAtZero: true, suggestedMax: 5, ticks: {color: ink, precision: 0}}},
        plugins: {legend: {labels: {color: ink, boxWidth: 12}, align: 'start'}, tooltip: {position: 'nearest'}},
      },
    });
  };
  const say = at => {
    const {names, lines} = rows();
    const row = lines[at];
    const empty = row.values.every(value => value === null);
    const figures = names.map((name, index) => `${name} ${row.values[index]}`).join(', ');
    find('chart-said').textContent = `${row.clock}: ${empty ? 'nothing was logged' : figures}`;
    const active = names.map((_, index) => ({datasetIndex: index, index: at}));
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, {x: 0, y: 0});
    chart.update();
  };
  const chart_keys = canvas => {
    let at = null;
    canvas.addEventListener('keydown', event => {
      const last = chart.data.labels.length - 1;
      const moves = {ArrowLeft: (at ?? last + 1) - 1, ArrowRight: (at ?? last - 1) + 1, Home: 0, End: last};
      if (!(event.key in moves)) return;
      event.preventDefault();
      at = Math.max(0, Math.min(last, moves[event.key]));
      say(at);
    });
    canvas.addEventListener('blur', () => {
      at = null;
      find('chart-said').textContent = '';
      chart.setActiveElements([]);
      chart.tooltip.setActiveElements([], {x: 0, y: 0});
      chart.update();
    });
  };

  // ---- figures: the page is asked again, and what has changed takes its place
  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, {credentials: 'same-origin'});
    if (!answer.ok || new URL(answer.url).pathname !== page) return;
    const fresh_page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const old of document.querySelectorAll('[data-refresh]')) {
      const fresh = fresh_page.getElementById(old.id);
      if (!fresh || is_busy(old) || (fresh.innerHTML === old.innerHTML && fresh.className === old.className)) continue;
      old.className = fresh.className;
      old.innerHTML = fresh.innerHTML;
      if (old.id === 'chart-rows' && !is_busy(find('chart'))) draw();
    }
  };

  // ---- recent messages: the server sends the rows whenever one has changed
  const recent = find('recent');
  let kept = null;
  const show = html => {
    const body = recent.tBodies[0];
    if (is_busy(body)) { kept = html; tell('good', 'live, held still'); return; }
    kept = null;
    const fresh = document.createElement('tbody');
    fresh.innerHTML = html;
    const known = new Map([...body.rows].map(row => [row.dataset.id, row]));
    [...fresh.rows].forEach((row, index) => {
      const old = known.get(row.dataset.id);
      known.delete(row.dataset.id);
      if (old && old.innerHTML !== row.innerHTML) old.innerHTML = row.innerHTML;
      if (!old) row.classList.add('new');
      const wanted = old || row;
      if (body.rows[index] !== wanted) body.insertBefore(wanted, body.rows[index] || null);
    });
    known.forEach(row => row.remove());
    const nothing = find('nothing-recent');
    if (nothing && body.rows.length) nothing.remove();
  };
  const catch_up = () => { if (kept !== null && !is_busy(recent.tBodies[0])) { tell('good', 'live'); show(kept); } };
  recent.addEventListener('mouseleave', catch_up);
  recent.addEventListener('focusout', () => setTimeout(catch_up));

  let source = null;
  const close = () => { if (source) source.close(); source = null; };
  const listen = () => {
    close();
    source = new EventSource(`${page}/live`);
    source.addEventListener('recent', event => { tell('good', 'live'); show(event.data); });
    source.addEventListener('away', () => tell('warn', 'not live: the database is away'));
    source.onerror = () => {
      tell('idle', 'not live');
      if (source && source.readyState === EventSource.CLOSED) { close(); setTimeout(() => { if (!document.hidden) listen(); }, retry_ms); }
    };
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { close(); tell('idle', 'paused'); } else { listen(); refresh().catch(() => {}); }
  });
  addEventListener('pagehide', close);

  // ---- cost: another service's figure, asked for from here
  const costs = async () => {
    const answer = await fetch('/api/admin/costs', {credentials: 'same-origin'});
    if (!answer.ok) return;
    const report = await answer.json();
    const forecast = report.forecast_usd === null ? '' : `, ${report.forecast_usd} USD expected`;
    const limits = report.providers.filter(one => one.limit_reached).map(one => `${one.provider} is at its limit`);
    find('costs').textContent = [`${report.spent_usd} USD${forecast}`, ...limits].join(' · ');
  };

  live.hidden = false;
  find('chart').hidden = false;
  find('chart-figures').open = false;
  draw();
  chart_keys(find('chart').querySelector('canvas'));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  if (!document.hidden) listen();
  costs().catch(() => {});
  setInterval(() => refresh().catch(() => {}), refresh_ms);
})();
