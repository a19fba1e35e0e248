// The desk is whole without scripts; this only spares some reloading.
"use strict";

const EVERY_MS = 2000;

// Work under way is shown as it goes on; once it is over, the whole page is made anew.
async function look() {
  const shown = document.querySelector("[data-poll]");
  if (!shown) return;
  let wait = EVERY_MS;
  if (!document.hidden && !shown.contains(document.activeElement)) {
    try {
      const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-poll]");
      if (!fresh) return location.replace(location.pathname);
      shown.replaceWith(fresh);
    } catch {
      wait *= 5; // the service may be starting again
    }
  }
  setTimeout(look, wait);
}

setTimeout(look, EVERY_MS);
