// The mask editor: shows the photo, the parsing and the mask, draws strokes at once and sends them to Python as points in
// photo pixels. Python answers with the mask as it really is; an answer older than the last edit sent is not shown.
// Runs as a gr.HTML js_on_load: element, trigger, props, watch are given.
const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const stage = $('.ed-stage'), frame = $('.ed-frame'), canvas = $('.ed-mask'), pen = canvas.getContext('2d');
let state = null, scale = 1, tool = 'brush', view = 'mask', sent = 0, drawing = null, spot = null, lastView = 'mask';

const send = (edit) => { sent += 1; trigger('edit', { ...edit, seq: sent }); };
const image = (url) => new Promise((done, fail) => {
  const picture = new Image();
  picture.onload = () => done(picture); picture.onerror = fail; picture.src = url;
});

async function show() {
  const next = props.value;
  if (!next || !next.sample) { state = null; frame.hidden = true; $('.ed-empty').hidden = false; sync(); return; }
  const fresh = !state || state.sample !== next.sample || state.opened !== next.opened;
  if (fresh) { sent = 0; spot = null; drawing = null; }
  if (!fresh && next.seq < sent) return;
  state = next;
  $('.ed-empty').hidden = true; frame.hidden = false;
  scale = Math.min(1, 1024 / Math.max(next.width, next.height));
  frame.style.setProperty('--ratio', next.width / next.height);
  frame.style.aspectRatio = next.width + ' / ' + next.height;
  if ($('.ed-photo').getAttribute('src') !== next.url) $('.ed-photo').src = next.url;
  $('.ed-photo').alt = next.title;
  $('.ed-parsing').src = next.parsing; $('.ed-diff').src = next.diff;
  const [width, height] = [Math.max(1, Math.round(next.width * scale)), Math.max(1, Math.round(next.height * scale))];
  const picture = await image(next.mask);
  if (state !== next || drawing) return;
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  pen.globalCompositeOperation = 'source-over';
  pen.clearRect(0, 0, width, height); pen.imageSmoothingEnabled = false;
  pen.drawImage(picture, 0, 0, width, height);
  tint();
  if (fresh) { const size = $('.ed-size'); size.max = Math.max(20, Math.round(Math.max(next.width, next.height) / 4));
    size.value = Math.max(2, Math.round(Math.max(next.width, next.height) / 24)); }
  sync();
}

function tint() {
  pen.globalCompositeOperation = 'source-in';
  pen.fillStyle = view === 'alone' ? '#ffffff' : '#ff2d87';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = 'source-over';
}

function sync() {
  element.dataset.ready = state ? String(state.sample) : '';
  $$('[data-tool]').forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.tool === tool)));
  $$('[data-view]').forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.view === view)));
  frame.dataset.view = view; frame.dataset.tool = tool;
  $('.ed-size-out').textContent = $('.ed-size').value + ' px';
  $$('.ed-bar button, .ed-bar input, .ed-choice input').forEach((control) => { control.disabled = !state; });
  if (!state) { $('.ed-classes').replaceChildren(); $('.ed-say').textContent = ''; return; }
  $('[data-do=undo]').disabled = !state.undo; $('[data-do=redo]').disabled = !state.redo;
  $('.ed-grow').max = state.grow_limit; $('.ed-grow').min = -state.grow_limit;
  if (document.activeElement !== $('.ed-grow')) $('.ed-grow').value = state.grow;
  $('.ed-grow-out').textContent = (state.grow > 0 ? '+' : '') + state.grow + ' px';
  $('.ed-protect').checked = state.protect;
  $('.ed-limbs').checked = state.limbs;
  $('.ed-say').textContent = state.say;
  classes();
}

function classes() {
  const box = $('.ed-classes'), names = state.classes.map((one) => one.name).join('|');
  if (box.dataset.names !== names || !box.children.length) {
    box.dataset.names = names;
    box.replaceChildren(...state.classes.map((one) => {
      const label = document.createElement('label'), tick = document.createElement('input'), dot = document.createElement('i');
      tick.type = 'checkbox'; tick.value = one.name; dot.style.background = one.colour;
      const share = document.createElement('small');
      label.append(tick, dot, document.createTextNode(one.name + ' '), share);
      tick.addEventListener('change', choose);
      return label;
    }));
  }
  state.classes.forEach((one, index) => {
    const label = box.children[index];
    label.firstChild.checked = one.on; label.lastChild.textContent = one.share; label.classList.toggle('none', !one.share);
  });
}

function choose() {
  const on = $$('.ed-classes input').filter((tick) => tick.checked).map((tick) => tick.value);
  send({ kind: 'choose', classes: on, grow: Number($('.ed-grow').value), protect: $('.ed-protect').checked, limbs: $('.ed-limbs').checked });
}

const at = (event) => {
  const box = frame.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width * state.width, (event.clientY - box.top) / box.height * state.height];
};

function line(from, to) {
  pen.globalCompositeOperation = tool === 'eraser' ? 'destination-out' : 'source-over';
  pen.strokeStyle = view === 'alone' ? '#ffffff' : '#ff2d87'; pen.lineCap = 'round'; pen.lineJoin = 'round';
  pen.lineWidth = Math.max(1, Number($('.ed-size').value) * scale);
  pen.beginPath(); pen.moveTo(from[0] * scale, from[1] * scale); pen.lineTo(to[0] * scale + 0.01, to[1] * scale); pen.stroke();
  pen.globalCompositeOperation = 'source-over';
}

const round = (point) => point.map((number) => Math.round(number * 10) / 10);
function use(point) {
  if (tool === 'add' || tool === 'remove') {
    $('.ed-say').textContent = $('.ed-say').dataset.busy;
    send({ kind: 'click', point: point.map(Math.floor), add: tool === 'add' });
    return false;
  }
  line(point, point);
  return true;
}
function finish() {
  if (!drawing) return;
  const points = drawing; drawing = null;
  send({ kind: 'stroke', points: points.map(round), size: Number($('.ed-size').value), erase: tool === 'eraser' });
}

frame.addEventListener('pointerdown', (event) => {
  if (!state || event.button) return;
  event.preventDefault(); stage.focus({ preventScroll: true });
  const point = at(event);
  if (view === 'photo' || view === 'parsing' || view === 'diff') look('mask');
  if (use(point)) { drawing = [point]; frame.setPointerCapture(event.pointerId); }
});
frame.addEventListener('pointermove', (event) => {
  if (!state) return;
  const point = at(event); ring(point);
  if (drawing) { line(drawing[drawing.length - 1], point); drawing.push(point); }
});
frame.addEventListener('pointerup', finish);
frame.addEventListener('pointercancel', finish);
frame.addEventListener('pointerleave', () => { if (!drawing) $('.ed-ring').hidden = true; });

function ring(point) {
  const circle = $('.ed-ring'), size = tool === 'add' || tool === 'remove' ? 0 : Number($('.ed-size').value);
  circle.hidden = false; spot = point;
  circle.style.left = point[0] / state.width * 100 + '%'; circle.style.top = point[1] / state.height * 100 + '%';
  circle.style.width = Math.max(6, size / state.width * frame.clientWidth) + 'px';
}

stage.addEventListener('keydown', (event) => {
  if (!state) return;
  const step = Math.max(1, Number($('.ed-size').value) / 2), move = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step],
    ArrowDown: [0, step] }[event.key];
  if (move) {
    const [x, y] = spot || [state.width / 2, state.height / 2];
    ring([Math.min(state.width - 1, Math.max(0, x + move[0])), Math.min(state.height - 1, Math.max(0, y + move[1]))]);
    event.preventDefault();
  } else if (event.key === ' ' || (event.key === 'Enter' && !event.ctrlKey && !event.metaKey)) {
    const point = spot || [state.width / 2, state.height / 2];
    if (use(point)) { drawing = [point]; finish(); }
    event.preventDefault();
  }
});

function look(name) { if (view !== 'photo') lastView = view; view = name; tint(); sync(); }
function pick(name) { tool = name; sync(); }
function grow(amount) {
  const size = $('.ed-size'), now = Number(size.value);
  size.value = Math.max(1, Math.round(amount > 0 ? now * 1.25 + 1 : now / 1.25 - 1)); sync(); if (spot && state) ring(spot);
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (!button || !state) return;
  if (button.dataset.tool) pick(button.dataset.tool);
  if (button.dataset.view) look(button.dataset.view);
  if (button.dataset.do) send({ kind: button.dataset.do });
});
$('.ed-size').addEventListener('input', sync);
$('.ed-grow').addEventListener('input', () => { $('.ed-grow-out').textContent = $('.ed-grow').value + ' px'; });
$('.ed-grow').addEventListener('change', choose);
$('.ed-protect').addEventListener('change', choose);
$('.ed-limbs').addEventListener('change', choose);

document.addEventListener('keydown', (event) => {
  if (!state || dlcr.busy(event)) return;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === 'z') { send({ kind: event.shiftKey ? 'redo' : 'undo' }); event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === '[') grow(-1);
  else if (key === ']') grow(1);
  else if (key === 'm') look(view === 'photo' ? lastView : 'photo');
  else if (key === 'b') pick('brush');
  else if (key === 'e') pick('eraser');
  else if (key === 'a') pick('add');
  else if (key === 'r') pick('remove');
  else return;
  event.preventDefault();
});

watch('value', show);
show();
