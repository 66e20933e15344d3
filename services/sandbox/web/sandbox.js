// Keeps list, total and figures fresh; everything else is plain links and forms.
(() => {
  const every_ms = 2000;
  let seen = '';
  const refresh = async () => {
    if (document.hidden || document.querySelector('#list:hover, #providers:focus-within, #list:focus-within')) return;
    const stats = await (await fetch('/stats')).text();
    if (stats === seen) return;
    const first = seen === '';
    seen = stats;
    if (first) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    for (const id of ['list', 'total', 'providers']) {
      const fresh = page.getElementById(id), old = document.getElementById(id);
      if (fresh && old) old.replaceWith(fresh);
    }
  };
  setInterval(() => refresh().catch(() => {}), every_ms);
})();
