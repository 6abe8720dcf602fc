// Keeps the view in the address, so that reloading or sharing the link shows it again. Runs as a gr.HTML js_on_load.
watch('value', () => {
  const now = new URL(window.location.href), kept = new URLSearchParams(props.value || '');
  if (now.searchParams.get('__theme')) kept.set('__theme', now.searchParams.get('__theme'));
  history.replaceState(null, '', now.pathname + (kept.size ? '?' + kept : ''));
});
