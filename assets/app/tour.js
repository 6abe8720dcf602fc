// The tour: a card beside what it speaks of, step by step; Esc or Leave ends it anywhere, arrow keys go on and back. It starts by a
// button only; a newcomer is offered it once, which this browser remembers. Runs as a gr.HTML js_on_load after help.js.
const tour = element.querySelector('.tour'), offer = element.querySelector('.tour-offer');
const KEY = 'dlcr-tour', GAP = 10;
const remembered = () => { try { return localStorage.getItem(KEY); } catch { return 'unknown'; } };
const remember = () => { offer?.setAttribute('hidden', ''); try { localStorage.setItem(KEY, 'seen'); } catch { /* private */ } };

if (tour) {
  const steps = [...tour.querySelectorAll('[data-at]')], ring = element.querySelector('.tour-ring');
  const part = (name) => tour.querySelector('.tour-' + name);
  let now = 0;
  const place = () => {
    const target = document.querySelector(steps[now].dataset.at);
    if (!tour.open || !target) return;
    const box = target.getBoundingClientRect(), { width, height } = tour.getBoundingClientRect();
    const [right, low] = [innerWidth - width - GAP, innerHeight - height - GAP];
    Object.assign(ring.style, { left: box.left - 4 + 'px', top: box.top - 4 + 'px', width: box.width + 8 + 'px', height: box.height + 8 + 'px' });
    const beside = box.right + GAP <= right + GAP && box.width < innerWidth / 2;
    const left = beside && box.right + GAP + width <= innerWidth ? box.right + GAP : box.left - GAP - width;
    const fits = left >= GAP && box.width < innerWidth / 2;
    const below = box.bottom + GAP <= low ? box.bottom + GAP : box.top - GAP - height;
    tour.style.left = Math.max(GAP, Math.min(right, fits ? left : box.left)) + 'px';
    tour.style.top = Math.max(GAP, Math.min(low, fits ? box.top : below < GAP ? low : below)) + 'px';
  };
  const show = (step) => {
    now = Math.max(0, Math.min(steps.length - 1, step));
    steps.forEach((one, index) => { one.hidden = index !== now; });
    tour.setAttribute('aria-labelledby', steps[now].firstElementChild.id);
    part('count').textContent = `${now + 1} / ${steps.length}`;
    part('back').disabled = now === 0;
    part('next').textContent = now + 1 < steps.length ? part('next').dataset.next : part('next').dataset.end;
    document.querySelector(steps[now].dataset.at)?.scrollIntoView({ block: 'center' });
    part('next').focus();
    place();
  };
  const start = () => {
    element.querySelector('.head .tour-start').focus();  // where the focus comes back to: the offer is gone by then
    remember(); ring.hidden = false; tour.showModal(); show(0);
  };
  const next = () => { if (now + 1 < steps.length) show(now + 1); else tour.close(); };
  part('next').addEventListener('click', next);
  part('back').addEventListener('click', () => show(now - 1));
  part('leave').addEventListener('click', () => tour.close());
  tour.addEventListener('close', () => { ring.hidden = true; });
  tour.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight') next();
    if (event.key === 'ArrowLeft') show(now - 1);
  });
  for (const name of ['scroll', 'resize']) addEventListener(name, place, { passive: true, capture: true });
  element.querySelectorAll('.tour-start').forEach((button) => button.addEventListener('click', start));
  element.querySelector('.tour-no').addEventListener('click', remember);
  offer.hidden = remembered() !== null;
  if (new URLSearchParams(location.search).has('tour')) start();
}
