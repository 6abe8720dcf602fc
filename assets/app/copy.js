
// [data-copy] puts the text of the next <pre> on the clipboard; where the browser refuses, it is selected instead.
element.addEventListener('click', async (event) => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const source = button.parentElement.nextElementSibling, words = button.textContent;
  try { await navigator.clipboard.writeText(source.textContent); button.textContent = '✓'; }
  catch { getSelection().selectAllChildren(source); }
  setTimeout(() => { button.textContent = words; }, 1200);
});
