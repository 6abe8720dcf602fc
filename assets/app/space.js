// One or two planes of the same points, drawn by plotly's WebGL. Points come by key from the app, never through the value.
// A point's photo shows at the pointer, a ring marks the same point in the other plane; a click keeps it beside, a lasso (noose.js)
// fills a gallery. Runs as a gr.HTML js_on_load.
const space = element.querySelector('.space'), tip = element.querySelector('.tip'), legend = element.querySelector('.legend');
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c564b', '#7f7f7f', '#b8a900', '#6a3d9a',
  '#1b9e77', '#e7298a', '#66a61e', '#a6761d', '#1f78b4', '#fb6a4a', '#bc80bd', '#386cb0', '#bf5b17', '#4d4d4d'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'star', 'pentagon', 'x'];
const SIGNS = ['●', '■', '▲', '◆', '✚', '★', '⬟', '✖'];
const RIGHT = ['#0072b2', '#d55e00', '#9aa0a6'];
const SENT = 120;
const webgl = (() => { try { return Boolean(document.createElement('canvas').getContext('webgl')); } catch { return false; } })();
let told = null, shown = '', planes = [], kept = 0, chosen = null;

const colour = (number, count) => count <= COLOURS.length ? COLOURS[number] : `hsl(${(number * 137.508) % 360} 62% ${42 + 14 * (number % 3)}%)`;
const script = () => window.dlcrPlotly ??= new Promise((done, fail) => {
  const one = document.createElement('script');
  one.src = space.dataset.script; one.onload = () => done(window.Plotly); one.onerror = () => fail(new Error(space.dataset.trouble));
  document.head.append(one);
});

const of = (what, number) => space.dataset[what].replace(/\{\w+\}/, number);

function groups(by, plot) {
  const say = { person: (value) => of('person', value), camera: (value) => of('camera', value) };
  const columns = { person: told.pid, outfit: told.outfit, camera: told.camid, split: told.split, worn: told.worn };
  if (by === 'error') {
    const names = [space.dataset.right, space.dataset.wrong, space.dataset.unasked];
    return { names, of: plot.right.map((one) => one < 0 ? 2 : 1 - one), colours: RIGHT };
  }
  const column = columns[by], values = [...new Set(column)].sort((a, b) => a - b), place = new Map(values.map((one, at) => [one, at]));
  const lists = { outfit: told.outfits, split: told.splits };
  const names = values.map((one) => lists[by] ? lists[by][one] : by === 'worn' ? `${space.dataset.outfit} ${one + 1}` : say[by](one));
  return { names, of: column.map((one) => place.get(one)), colours: values.map((_, at) => colour(at, values.length)) };
}
const shapes = (by) => by === 'none' ? null : groups(by === 'outfit' ? 'worn' : by, null);

function explain(value) {
  const line = (names, mark) => {
    const row = document.createElement('p');
    names.slice(0, 24).forEach((name, at) => { const one = document.createElement('span'); mark(one, at); one.append(name); row.append(one); });
    if (names.length > 24) row.append(`+ ${names.length - 24}`);
    return row;
  };
  const tint = groups(value.colour, told.plots[0]), form = shapes(value.shape);
  const dot = (one, at) => { const i = document.createElement('i'); i.style.background = tint.colours[at]; one.append(i); };
  legend.replaceChildren(line(tint.names, dot));
  if (form) legend.append(line(form.names, (one, at) => one.append(`${SIGNS[at % SIGNS.length]} `)));
  if (told.lines.length) legend.append(line([space.dataset.hollow], (one) => one.append('○ ')));
}

function markers(value, plot) {
  const tint = groups(value.colour, plot), form = shapes(value.shape), count = told.ids.length;
  return {
    color: tint.of.map((one) => tint.colours[one]), size: count < 600 ? 10 : count < 6000 ? 6 : 4,
    symbol: told.ids.map((id, at) => (form ? SHAPES[form.of[at] % SHAPES.length] : 'circle') + (id < 0 ? '-open' : '')), opacity: count < 6000 ? .9 : .6, line: { width: told.lines.length ? 1 : 0 },
  };
}
const axis = { visible: false, zeroline: false, showgrid: false };
const layout = () => ({
  margin: { l: 6, r: 6, t: 6, b: 6 }, showlegend: false, hovermode: 'closest', hoverdistance: 12, dragmode: 'lasso', clickmode: 'event',
  xaxis: { ...axis }, yaxis: { ...axis, scaleanchor: 'x' }, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
  modebar: { bgcolor: 'rgba(0,0,0,0)', color: '#8c959f', activecolor: '#3b82f6' }, newselection: { line: { color: '#8c959f', width: 1 } },
});
const config = {
  displaylogo: false, responsive: true, displayModeBar: true,
  modeBarButtons: [['lasso2d', 'zoom2d', 'pan2d', 'resetScale2d']],
};

function ring(box, at, name) {
  const plane = box.querySelector('.plane'), mark = box.querySelector(`.${name}`), full = plane._fullLayout;
  mark.hidden = at < 0 || !full;
  if (mark.hidden) return;
  const plot = told.plots[planes.indexOf(box)], { xaxis, yaxis } = full;
  const x = xaxis.l2p(plot.x[at]), y = yaxis.l2p(plot.y[at]);
  mark.hidden = x < 0 || y < 0 || x > xaxis._length || y > yaxis._length;
  mark.style.left = `${xaxis._offset + x}px`; mark.style.top = `${yaxis._offset + y}px`;
}
const rings = (at, name) => planes.forEach((box) => ring(box, at, name));
const keep = (id) => { kept = id; rings(told ? told.ids.indexOf(id) : -1, 'kept'); };

function hover(event) {
  const at = event.points[0].pointNumber, id = told.ids[at], mouse = event.event;
  tip.querySelector('img').src = id < 0 ? `/picture/variant/${-id}/thumb` : `/picture/sample/${id}/thumb`;
  const said = [of('person', told.pid[at]), told.outfits[told.outfit[at]], of('camera', told.camid[at]), told.splits[told.split[at]]];
  const answers = told.plots.map((plot, one) => plot.right[at] < 0 ? '' : `${'AB'[one]} ${plot.right[at] ? '✓' : '✗'}`).filter(Boolean);
  tip.querySelector('span').textContent = [...said, ...answers].join(' · ');
  tip.dataset.id = id; tip.hidden = false;
  const wide = window.innerWidth, high = window.innerHeight, box = tip.getBoundingClientRect();
  tip.style.left = `${Math.min(mouse.clientX + 16, wide - box.width - 8)}px`;
  tip.style.top = `${Math.max(8, Math.min(mouse.clientY + 16, high - box.height - 8))}px`;
  rings(at, 'over');
}
const leave = () => { tip.hidden = true; rings(-1, 'over'); };
const pick = (at) => { const id = told.ids[at]; keep(id); trigger('pick', { act: 'pick', id }); };

function choose(places) {
  if (!places && !chosen) return;
  chosen = places;
  trigger('lasso', { ids: (places ?? []).slice(0, SENT).map((at) => told.ids[at]), count: places?.length ?? 0 });
  planes.forEach((box) => window.Plotly.restyle(box.querySelector('.plane'), { selectedpoints: [places] }, [0]));
}

async function draw(value) {
  const [plotly, answer] = await Promise.all([script(), fetch(`/points/${value.key}`)]);
  if (!answer.ok) throw new Error(await answer.text());
  const found = await answer.json();
  if (props.value?.key !== value.key) return;
  planes.forEach((box) => plotly.purge(box.querySelector('.plane')));
  told = found; chosen = null;
  planes = told.plots.map((plot, at) => {
    const box = document.createElement('section'), plane = document.createElement('div'), head = document.createElement('h3'), letter = document.createElement('b');
    letter.className = 'run'; letter.textContent = 'AB'[at]; head.append(letter, ` ${plot.run}`);
    plane.className = 'plane'; box.append(head, plane);
    return box;
  });
  space.replaceChildren(...planes);
  space.dataset.count = planes.length;
  for (const [at, box] of planes.entries()) {
    const plane = box.querySelector('.plane'), plot = told.plots[at], x = plot.x, y = plot.y;
    const points = { type: webgl ? 'scattergl' : 'scatter', mode: 'markers', x, y, customdata: told.ids, hoverinfo: 'none', marker: markers(value, plot) };
    const joined = told.lines.length ? [lines(plot)] : [];
    await plotly.newPlot(plane, [{ ...points, selected: { marker: { opacity: 1 } }, unselected: { marker: { opacity: .2 } } }, ...joined], layout(), config);
    for (const name of ['over', 'kept']) { const mark = document.createElement('i'); mark.className = `ring ${name}`; mark.hidden = true; plane.append(mark); }
    plane.on('plotly_hover', hover); plane.on('plotly_unhover', leave);
    plane.on('plotly_click', (event) => pick(event.points[0].pointNumber));
    noose(plane, plot, choose, pick);
    plane.on('plotly_relayout', () => { leave(); keep(kept); }); plane.on('plotly_afterplot', () => ring(box, told.ids.indexOf(kept), 'kept'));
  }
}

function lines(plot) {
  const x = [], y = [];
  for (const [from, to] of told.lines) { x.push(plot.x[from], plot.x[to], null); y.push(plot.y[from], plot.y[to], null); }
  return { type: webgl ? 'scattergl' : 'scatter', mode: 'lines', x, y, hoverinfo: 'skip', line: { color: 'rgba(128,128,128,.35)', width: 1 } };
}

async function show() {
  const value = props.value || {};
  element.querySelector('.space-box').hidden = !value.key;
  if (!value.key) { shown = ''; told = null; return; }
  const fresh = shown !== value.key;
  shown = value.key;
  try {
    if (fresh) await draw(value);
    else for (const [at, box] of planes.entries()) await window.Plotly.restyle(box.querySelector('.plane'), { marker: [markers(value, told.plots[at])] }, [0]);
    if (!told || props.value?.key !== value.key) return;
    explain(value); keep(value.sample || 0);
    space.dataset.ready = value.key;
  } catch (error) { space.replaceChildren(error.message); planes = []; shown = ''; }
}
watch('value', show);
show();
