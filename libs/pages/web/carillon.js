// What every page gets: relative times that go on, ids that are copied at a click. Pages work without it.
(() => {
  const tick_ms = 15000, said_ms = 1500;
  document.documentElement.classList.add('js');

  // As libs/pages/times.cpp has it.
  const ago = seconds => {
    if (seconds < -5) return null;
    if (seconds < 5) return 'just now';
    if (seconds < 60) return `${Math.floor(seconds)} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    return `${Math.floor(seconds / 86400)} d ago`;
  };
  const age = () => {
    if (document.hidden) return;
    for (const time of document.querySelectorAll('time[data-ago]')) {
      const text = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (text && time.firstChild.data !== text) time.firstChild.data = text;
    }
  };
  setInterval(age, tick_ms);
  document.addEventListener('visibilitychange', age);

  const copy = async button => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const before = button.textContent;
    button.textContent = 'copied';
    setTimeout(() => { button.textContent = before; }, said_ms);
  };
  document.addEventListener('click', event => {
    const button = event.target.closest('button[data-copy]');
    if (button) copy(button).catch(() => { button.textContent = 'not allowed'; });
  });
})();
