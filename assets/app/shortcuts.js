() => {
  document.addEventListener('keydown', (event) => {
    const paint = document.querySelector('#paint'), cancel = document.querySelector('#cancel');
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && paint) { paint.click(); event.preventDefault(); }
    if (event.key === 'Escape' && cancel && !cancel.disabled) cancel.click();
  });
}
