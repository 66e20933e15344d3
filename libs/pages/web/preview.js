// Live previews, on pages that work without them too: a form with data-preview="NAME" holds a button that sends it into
// the frame NAME. At first, and soon after typing stops, this script presses it. Each preview comes in a new frame,
// which takes the old one's place once it is there: nothing flickers, and the way back does not lead through previews.
(() => {
  const pause_ms = 400;

  const keep_fresh = form => {
    const name = form.dataset.preview, button = form.querySelector(`button[formtarget="${name}"]`);
    let shown = document.querySelector(`iframe[name="${name}"]`), coming = null, timer = 0, count = 0;
    if (!button || !shown) return;
    const refresh = () => {
      if (!form.isConnected) return;
      if (coming) coming.remove();
      const fresh = coming = shown.cloneNode();
      fresh.classList.add('coming');
      fresh.addEventListener('load', () => {
        if (fresh !== coming || !sent) return;
        shown.remove();
        fresh.classList.remove('coming');
        shown = fresh;
        coming = null;
      });
      fresh.name = button.formTarget = `${name}-${++count}`;  // a frame keeps the name it was loaded with
      let sent = false;
      shown.after(fresh);
      sent = true;
      form.requestSubmit(button);
    };
    form.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(refresh, pause_ms);
    });
    form.addEventListener('submit', () => clearTimeout(timer));
    refresh();
  };

  for (const form of document.querySelectorAll('form[data-preview]')) keep_fresh(form);
})();
