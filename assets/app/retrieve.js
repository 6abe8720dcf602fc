
// The query at hand is marked in the list and kept in sight there; N and P go on and back. Runs as a gr.HTML js_on_load after
// actions.js, in the list and in the answers.
const mark = () => {
  const now = document.querySelector('#answers [data-sample]')?.dataset.sample;
  document.querySelectorAll('#queries [data-id]').forEach((one) => {
    one.setAttribute('aria-current', String(one.dataset.id === now));
    const box = one.closest('.asked');
    if (one.dataset.id !== now || !box) return;
    const place = one.getBoundingClientRect(), frame = box.getBoundingClientRect();
    if (place.top < frame.top + 24) box.scrollTop -= frame.top + 24 - place.top;
    if (place.bottom > frame.bottom) box.scrollTop += place.bottom - frame.bottom;
  });
};
watch('value', mark);
if (element.closest('#answers') || element.id === 'answers') {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dlcr.busy(event)) return;
    const step = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (step) element.querySelector(`[data-act=step][data-value="${step}"]`)?.click();
  });
}
