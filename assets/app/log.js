// A log stays at its end while it grows, unless somebody scrolled up to read. Runs as a gr.HTML js_on_load.
let top = null;
const log = () => element.querySelector('.log');
const place = () => { const box = log(); if (box) box.scrollTop = top === null ? box.scrollHeight : top; };
element.addEventListener('scroll', (event) => {
  const box = event.target;
  top = box.scrollTop + box.clientHeight >= box.scrollHeight - 4 ? null : box.scrollTop;
}, true);
new MutationObserver(place).observe(element, { childList: true, subtree: true });
place();
