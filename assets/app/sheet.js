// The contact sheet: what is there stays as it is, so that a picture that was loaded is not asked for again.
// Runs as a gr.HTML js_on_load: element, props, watch are given.
const show = () => {
  const box = element.querySelector('.pairs'), next = document.createElement('template');
  next.innerHTML = props.value || '';
  const known = new Map([...box.children].map((one) => [one.dataset.id, one]));
  box.replaceChildren(...[...next.content.children].map((one) => known.get(one.dataset.id) || one));
};
watch('value', show);
show();
