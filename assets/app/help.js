// The keys of the page: ? or the button opens the dialog, Esc, ? or the button in it closes it; the browser then puts the focus
// back to where it was. Runs as a gr.HTML js_on_load, before tour.js.
const help = element.querySelector('.help');
const fields = 'textarea, select, [contenteditable], [role=listbox], input:not([type=range]):not([type=checkbox])';
// Whether a key belongs to whoever types, or to an open dialog. Every handler of single keys on any page asks this first.
window.dlcr = {
  busy: (event) => Boolean(event.isComposing || document.querySelector('dialog[open]') || event.target.closest?.(fields)),
};
element.querySelector('.help-open').addEventListener('click', () => help.showModal());
help.addEventListener('click', (event) => { if (event.target === help || event.target.closest('.help-close')) help.close(); });
document.addEventListener('keydown', (event) => {
  if (event.key !== '?' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (help.open) help.close();
  else if (!dlcr.busy(event)) help.showModal();
  else return;
  event.preventDefault();
});
