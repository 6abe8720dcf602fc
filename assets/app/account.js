// Who is signed in, and a button to sign out; nothing where nobody signs in.
const name = window.gradio_config?.username;
if (name) {
  const words = __WORDS__;
  const form = document.createElement('form');
  form.method = 'post'; form.action = '/logout'; form.className = 'account';
  const who = document.createElement('span'); who.textContent = `${words[0]} ${name}`;
  const button = document.createElement('button'); button.textContent = words[1]; button.id = 'sign-out';
  form.append(who, button);
  element.querySelector('.head').append(form);
}
