// The prompt as one field per garment; sends the whole list after each edit. Runs as a gr.HTML js_on_load.
const list = element.querySelector('.rows-list');
const fields = () => [...list.querySelectorAll('input')];
const send = () => trigger('rows', { items: fields().map((one) => one.value.trim()).filter(Boolean) });

function row(text) {
  const line = document.createElement('div'), field = document.createElement('input'), drop = document.createElement('button');
  line.className = 'rows-row'; field.type = 'text'; field.value = text; field.maxLength = 120;
  field.setAttribute('aria-label', list.dataset.garment + ' ' + (list.children.length + 1));
  drop.type = 'button'; drop.textContent = '×'; drop.setAttribute('aria-label', list.dataset.drop + ': ' + text);
  field.addEventListener('change', send);
  drop.addEventListener('click', () => { line.remove(); send(); });
  line.append(field, drop); list.append(line);
  return field;
}
function show() {
  const items = props.value || [];
  if (JSON.stringify(items) === JSON.stringify(fields().map((one) => one.value.trim()).filter(Boolean))) return;
  list.replaceChildren(); items.forEach(row);
}
element.querySelector('.rows-add').addEventListener('click', () => row('').focus());
watch('value', show);
show();
