() => {
  const $ = (selector) => document.querySelector(selector), $$ = (selector) => [...document.querySelectorAll(selector)];
  const photo = (step) => {
    const all = $$('#gallery [data-act=pick]'), now = all.findIndex((one) => one.getAttribute('aria-pressed') === 'true');
    const next = now < 0 ? all[0] : all[now + step];
    (next || $(`#gallery [data-act=turn][data-${step > 0 ? 'after' : 'before'}]`))?.click();
  };
  // The variant at hand: where the focus is, else the one compared, else the first that nobody judged.
  const card = () => document.activeElement.closest('#cards .card') || $('#cards .card.here')
    || $('#cards .card:not(:has(.verdict em))') || $('#cards .card');
  const act = (name, one = card()) => one?.querySelector(`[data-act=${name}]`)?.click();
  const compare = () => {
    const all = $$('#cards .card');
    act('compare', all[(all.findIndex((one) => one.matches('.here')) + 1) % all.length]);
  };
  const keys = {
    n: () => photo(1), p: () => photo(-1), y: () => act('accept'), x: () => act('reject'), v: compare,
  };
  document.addEventListener('keydown', (event) => {
    const start = $('#paint, #wear-start'), stop = $('#cancel:not([disabled]), #wear-stop:not([disabled])');
    if ($('dialog[open]')) return;
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && start) { start.click(); event.preventDefault(); }
    if (event.key === 'Escape' && stop) stop.click();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !$('#studio') || !window.dlcr || dlcr.busy(event)) return;
    keys[event.key.toLowerCase()]?.();
  });
}
