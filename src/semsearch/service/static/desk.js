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

// What a saved search would have found follows what is typed into its form.
const PAUSE_MS = 600;

function follow(form) {
  let timer = 0;
  let asked = 0;
  const show = async () => {
    if (!form.elements.meaning.value.trim()) return;
    const mine = ++asked;
    const fields = new FormData(form);
    fields.set("action", "preview");
    fields.set("name", fields.get("name") || "preview");
    fields.delete("secret");
    try {
      const body = new URLSearchParams(fields);
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, headers: { Accept: "text/html" } });
      if (mine !== asked || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("tried");
      if (answer.ok && fresh) document.getElementById("tried").replaceWith(fresh);
    } catch {
      // the button does the same
    }
  };
  form.addEventListener("input", (typed) => {
    if (typed.target.name === "secret") return;
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE_MS);
  });
}

document.querySelectorAll("form[data-preview]").forEach(follow);
