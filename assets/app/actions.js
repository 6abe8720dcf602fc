// Buttons inside rendered lists: a click on [data-act] sends its data attributes, and the fields of the nearest form, to
// Python (to turn a page is an event of its own); arrow keys move between buttons of a group; sliders of comparisons move their
// edge here, without Python.
// Runs as a gr.HTML js_on_load: element and trigger are given.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-act]');
  if (!button || button.disabled) return;
  const form = button.closest('[data-form]');
  const fields = form ? [...form.querySelectorAll('input[name], textarea[name]')].map((one) => [one.name, one.value]) : [];
  const { act } = button.dataset;
  trigger(act === 'use' || act === 'turn' ? act : 'act', { ...button.dataset, fields: Object.fromEntries(fields) });
});
element.addEventListener('keydown', (event) => {
  const group = event.target.closest('[data-group]');
  if (event.key === 'Enter' && event.target.matches('input[name]')) {
    event.preventDefault();
    event.target.closest('[data-form]')?.querySelector('[data-act]')?.click();
  }
  const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  if (!group || !step || !event.target.matches('button')) return;
  const buttons = [...group.querySelectorAll('button')], next = buttons[buttons.indexOf(event.target) + step];
  if (next) { next.focus(); event.preventDefault(); }
});
element.addEventListener('input', (event) => {
  const slider = event.target.closest('[data-edge]');
  if (slider) slider.closest('.cmp').style.setProperty('--edge', slider.value + '%');
});
