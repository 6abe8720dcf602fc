// In the answers: a button [data-why] asks what the match with its answer rests on. Runs as a gr.HTML js_on_load after actions.js.
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-why]');
  if (button) trigger('why', { id: button.dataset.why });
});
