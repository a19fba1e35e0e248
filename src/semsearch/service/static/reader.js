// Typing help for the search box (an ARIA 1.2 combobox with a listbox), and, where the page says that events
// are kept, what was looked for and clicked. Every page is whole without it.
"use strict";

const root = document.documentElement.dataset.root ?? ""; // what a proxy puts before our paths
const PAUSE_MS = 120; // after the last key, before asking
const SHOWN = 8;
const KINDS = { section: "Section", author: "Author", tag: "Topic", word: "Search", title: "Article" };

function combobox(input) {
  const form = input.form;
  const list = Object.assign(document.createElement("ul"), { id: "suggestions", className: "suggestions", hidden: true });
  const said = Object.assign(document.createElement("div"), { className: "hidden" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  said.setAttribute("role", "status");
  input.after(list, said);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let active = -1;
  let timer = 0;
  let asking = null;
  let asked = input.value.trim();
  const options = () => [...list.children];

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const open = () => {
    if (!list.children.length) return;
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  };
  const mark = (index) => {
    active = index;
    options().forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      const option = list.children[index];
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    }
  };
  const go = (option) => location.assign(option.dataset.href);

  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((one, place) => {
      const option = document.createElement("li");
      const text = Object.assign(document.createElement("span"), { textContent: one.text, dir: "auto" });
      const few = one.kind === "title" ? "" : ` · ${one.count}`;
      const kind = Object.assign(document.createElement("span"), { className: "kind", textContent: KINDS[one.kind] + few });
      option.id = `suggestion-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.href = address(one);
      option.append(text, " ", kind);
      return option;
    }));
    if (suggestions.length) open();
    else close();
    said.textContent = suggestions.length === 1 ? "1 suggestion" : `${suggestions.length || "No"} suggestions`;
  };

  const ask = async () => {
    const typed = input.value.trim();
    asked = typed;
    asking?.abort();
    if (!typed || typed.length > 200) return show([]);
    asking = new AbortController();
    try {
      // The blank after the last word says that the word is whole.
      const query = new URLSearchParams({ q: input.value.trimStart(), limit: String(SHOWN) });
      const answer = await fetch(`${root}/v1/suggest?${query}`, { signal: asking.signal });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (document.activeElement === input && input.value.trim() === typed) show(found);
    } catch (error) {
      if (error.name !== "AbortError") close(); // typing help is never worth an error
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = list.children.length - 1;
    const shown = !list.hidden;
    const move = (index) => {
      event.preventDefault();
      mark(index);
    };
    if (event.key === "ArrowDown" && !event.altKey) {
      if (shown) move(active < last ? active + 1 : 0);
      else if (input.value.trim() !== asked || last < 0) ask();
      else open();
    } else if (event.key === "ArrowUp" && shown) move(active > 0 ? active - 1 : last);
    else if (event.key === "Home" && shown && active >= 0) move(0);
    else if (event.key === "End" && shown && active >= 0) move(last);
    else if (event.key === "Enter" && shown && active >= 0) {
      event.preventDefault();
      go(list.children[active]);
    } else if (event.key === "Escape" && shown) {
      event.preventDefault(); // the first Escape closes the list, the next one empties the box
      close();
    } else if (event.key === "Tab") close();
    else if (event.key.length === 1) mark(-1);
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus in the box
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
}

function address(one) {
  if (one.kind === "title") return `${root}/articles/${encodeURIComponent(one.id)}`;
  return `${root}/?${new URLSearchParams({ [one.kind === "word" ? "q" : one.kind]: one.text })}`;
}

function report(events) {
  if (navigator.globalPrivacyControl) return;
  navigator.sendBeacon(`${root}/v1/events`, new Blob([JSON.stringify({ events })], { type: "text/plain" }));
}

function watch() {
  const search = document.querySelector("[data-query]");
  const related = document.querySelector("[data-like]");
  const items = related ? [...related.querySelectorAll("[data-article]")] : [];
  const under = related?.dataset.like;
  const place = (item) => ({ related_id: item.dataset.article, position: Number(item.dataset.rank) });
  if (search) report([{ kind: "search", query: search.dataset.query, results: Number(search.dataset.total) }]);
  if (items.length) {
    new IntersectionObserver((seen, watcher) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watcher.disconnect();
      report(items.map((item) => ({ kind: "impression", article_id: under, ...place(item) })));
    }, { threshold: 0.25 }).observe(related);
  }
  document.addEventListener("click", (event) => {
    const item = event.target.closest?.("a") && event.target.closest("[data-article]");
    const query = document.querySelector("#q").value.trim();
    if (!item) return;
    if (related?.contains(item)) report([{ kind: "click", article_id: under, ...place(item) }]);
    else if (query) report([{ kind: "click", query, ...place(item) }]);
  });
}

const box = document.querySelector("#q");
if (box) {
  combobox(box);
  // On a phone the keyboard would hide what is new.
  const calm = location.pathname + location.search === `${root}/` && matchMedia("(hover: hover) and (min-width: 56rem)").matches;
  if (calm && !location.hash) box.focus({ preventScroll: true });
}
if ("events" in document.body.dataset) watch();
