// One-time codes by hand: a button is one call, which the sandbox relays, and its answer is shown as it came. The key
// is kept in this tab's sessionStorage alone.
(() => {
  const look_every_ms = 400, look_for_ms = 15000, answers_max = 20, key_name = 'carillon-api-key';
  const the = id => document.getElementById(id);
  const buttons = document.querySelectorAll('form button');
  let looking = 0;  // number of the search for a message that counts; an older one gives up

  const pause = () => new Promise(done => setTimeout(done, look_every_ms));
  const recipient = () => the('recipient').value.trim();
  const is_email = () => recipient().includes('@');
  const who = () => is_email() ? {email: recipient()} : {phone_number: recipient()};

  const made = (name, text, css) => {
    const element = document.createElement(name);
    element.textContent = text;
    if (css) element.className = css;
    return element;
  };

  const indented = text => {
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  };

  // In the list, and where there is no room for that beside the steps (see the stylesheet) in short at its step.
  const show_answer = (name, status, good, took_ms, body) => {
    const item = document.createElement('li'), head = document.createElement('p');
    const mark = () => made('span', (good ? '● ' : '▲ ') + status, good ? 'good' : 'failed');
    const outcome = document.querySelector('#' + name.split(' ')[0].toLowerCase() + ' .outcome');
    if (outcome) outcome.replaceChildren(mark(), ' ', made('span', indented(body), 'code'));
    head.append(made('strong', name), mark(),
      made('small', Math.round(took_ms) + ' ms · ' + new Date().toLocaleTimeString('en-GB')));
    item.append(head, made('pre', indented(body)));
    the('answers').prepend(item);
    while (the('answers').children.length > answers_max) the('answers').lastElementChild.remove();
    the('no-answers').hidden = true;
  };

  // The answer's JSON where it is good, else null.
  const call = async (name, path, body) => {
    const headers = {'Content-Type': 'application/json'}, key = the('key').value.trim();
    if (key) headers.Authorization = 'Bearer ' + key;
    const began = performance.now();
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await fetch('/otp/relay/' + path, {method: 'POST', headers, body: JSON.stringify(body), cache: 'no-store'});
      const text = await answer.text();
      show_answer(name, answer.status, answer.ok, performance.now() - began, text);
      return answer.ok ? JSON.parse(text) : null;
    } catch (error) {
      show_answer(name, 'no answer', false, performance.now() - began, String(error));
      return null;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };

  const newest_message = async to => {
    const answer = await fetch('/messages?' + new URLSearchParams({to, limit: 1}));
    return (await answer.json()).at(-1);
  };

  const show_message = message => {
    const text = message.text || new DOMParser().parseFromString(message.html, 'text/html').body.textContent;
    const code = (text.match(/\b\d{6}\b/) || [''])[0];
    const at = new Date(message.received_at).toLocaleTimeString('en-GB');
    the('newest-facts').textContent = [message.provider, at, message.subject].filter(Boolean).join(' · ');
    the('newest-text').textContent = text.trim();
    the('newest-link').href = '/?id=' + message.id;
    the('fill').hidden = !code;
    the('fill').dataset.code = code;
    the('newest').hidden = false;
  };

  // Until one comes that was not there when the code was asked for.
  const look_for_message = async (to, last_id) => {
    const mine = ++looking, until = Date.now() + look_for_ms;
    the('inbox-state').textContent = 'Waiting for a message to ' + to + ' …';
    the('newest').hidden = true;
    let message;
    do {
      message = await newest_message(to);
      if (mine !== looking) return;
      if (message && message.id > last_id) {
        the('inbox-state').textContent = 'New message to ' + to + ':';
        return show_message(message);
      }
      await pause();
    } while (mine === looking && Date.now() < until);
    if (mine !== looking) return;
    const none = 'No new message to ' + to + ' within ' + look_for_ms / 1000 + ' s: a limit may hold codes back.';
    the('inbox-state').textContent = message ? none + ' An older one:' : none;
    if (message) show_message(message);
  };

  const send = async () => {
    const to = recipient(), body = {...who(), action: the('action').value};
    const before = await newest_message(to).catch(() => undefined);
    if (await call('Send code', 'send', body)) await look_for_message(to, before ? before.id : 0);
  };

  const verify = async () => {
    const answer = await call('Verify', 'verify', {...who(), action: the('action').value, code: the('code').value.trim()});
    if (!answer || !answer.step_up_token) return;
    the('token').value = answer.step_up_token;
    the('token-hint').textContent = 'Filled in; good once, for ' + answer.expires_in_seconds + ' s.';
  };

  const redeem = () => call('Redeem', 'redeem', {token: the('token').value.trim(), phone_number: recipient()});

  const show_hint = () => {
    const fits = recipient() === '' || is_email() === (the('action').value === 'EMAIL_VERIFY');
    the('action-hint').textContent = fits ? '' : 'EMAIL_VERIFY is for e-mail addresses, the others are for phone numbers: no code will come.';
  };

  for (const [id, act] of Object.entries({send, verify, redeem})) {
    the(id).addEventListener('submit', event => {
      event.preventDefault();
      if (the('recipient').reportValidity()) act().catch(error => show_answer('Inbox', 'no answer', false, 0, String(error)));
    });
  }
  the('fill').addEventListener('click', () => {
    the('code').value = the('fill').dataset.code;
    the('code').focus();
  });
  for (const id of ['recipient', 'action']) the(id).addEventListener('input', show_hint);
  the('key').value = sessionStorage.getItem(key_name) || '';
  the('key').addEventListener('input', () => sessionStorage.setItem(key_name, the('key').value.trim()));
  if (the('not-configured')) buttons.forEach(button => { button.disabled = true; });
})();
