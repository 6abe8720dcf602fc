// A lasso over one of plotly's planes: a line while it is drawn, and the points inside of it once, at its end. Plotly's own redraws all
// points at every move, which takes seconds where there are many. A press that does not move is a click; two clear.
// `chosen` gets the places of the points inside, null to clear; `clicked` that of the point which a click is near.
const within = (path, x, y) => {
  let inside = false;
  for (let i = 0, j = path.length - 1; i < path.length; j = i++) {
    const [ax, ay] = path[i], [bx, by] = path[j];
    if (ay > y !== by > y && x < (bx - ax) * (y - ay) / (by - ay) + ax) inside = !inside;
  }
  return inside;
};
const NEAR = 12;
const nearest = (plane, xs, ys, [x, y]) => {
  const { xaxis, yaxis } = plane._fullLayout;
  let best = NEAR, found = -1;
  for (let at = 0; at < xs.length; at++) {
    const far = Math.hypot(xaxis._offset + xaxis.l2p(xs[at]) - x, yaxis._offset + yaxis.l2p(ys[at]) - y);
    if (far < best) { best = far; found = at; }
  }
  return found;
};
const caught = (plane, xs, ys, path) => {
  const { xaxis, yaxis } = plane._fullLayout, found = [];
  const sides = path.map(([x]) => x), tops = path.map(([, y]) => y);
  const left = Math.min(...sides), right = Math.max(...sides), top = Math.min(...tops), bottom = Math.max(...tops);
  for (let at = 0; at < xs.length; at++) {
    const x = xaxis._offset + xaxis.l2p(xs[at]), y = yaxis._offset + yaxis.l2p(ys[at]);
    if (x >= left && x <= right && y >= top && y <= bottom && within(path, x, y)) found.push(at);
  }
  return found;
};
function noose(plane, points, chosen, clicked) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), line = document.createElementNS(svg.namespaceURI, 'polygon');
  svg.classList.add('noose'); svg.append(line); plane.append(svg);
  const mine = (event) => !event.button && plane._fullLayout?.dragmode === 'lasso' && event.target.closest?.('.nsewdrag');
  plane.addEventListener('mousedown', (event) => {
    if (!mine(event)) return;
    event.stopImmediatePropagation(); event.preventDefault();
    const here = plane.getBoundingClientRect(), over = new AbortController(), when = { capture: true, signal: over.signal };
    const path = [[event.clientX - here.left, event.clientY - here.top]];
    document.addEventListener('mousemove', (moved) => {
      moved.stopImmediatePropagation();
      path.push([moved.clientX - here.left, moved.clientY - here.top]);
      line.setAttribute('points', path.map((one) => one.join()).join(' '));
    }, when);
    document.addEventListener('mouseup', () => {
      over.abort(); line.removeAttribute('points');
      const far = Math.max(...path.map(([x, y]) => Math.hypot(x - path[0][0], y - path[0][1])));
      if (far < 4) { const at = nearest(plane, points.x, points.y, path[0]); if (at >= 0) clicked(at); return; }
      const found = caught(plane, points.x, points.y, path);
      chosen(found.length ? found : null);
    }, when);
  }, true);
  plane.addEventListener('dblclick', (event) => { if (mine(event)) { event.stopImmediatePropagation(); chosen(null); } }, true);
}
