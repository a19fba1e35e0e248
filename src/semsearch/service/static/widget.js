/* The list under an article:
 *   <you-may-also-like article="ID" limit="5" heading="You May Also Like" window="any|past|latest"
 *     endpoint="https://search.example/" events lang="en"></you-may-also-like>
 * It reserves its place, loads when it comes near the window, and shows nothing where anything fails.
 * Look: --ymal-link, --ymal-meta, --ymal-line, --ymal-gap, --ymal-columns, --ymal-row, and
 * ::part(box), ::part(heading), ::part(list), ::part(item), ::part(filled), ::part(link), ::part(meta).
 */
(() => {
  "use strict";
  const NAME = "you-may-also-like";
  const EVENTS = false; // true where the server keeps events
  const PATIENCE_MS = 4000;
  const NEAR = "400px"; // so far from the window it begins to load
  const MOST = 20;

  // Taken now: what the page does to its globals later does not matter.
  const { AbortController, Blob, CSSStyleSheet, IntersectionObserver, Intl, JSON, Promise, URL, fetch, setTimeout, clearTimeout } = window;
  const make = document.createElement.bind(document);
  const script = document.currentScript;
  const home = script && script.src ? new URL(".", script.src).href : location.origin + "/";
  if (!window.customElements || customElements.get(NAME) || !IntersectionObserver || !("replaceSync" in CSSStyleSheet.prototype)) return;

  const sheet = new CSSStyleSheet(); // no <style>: a strict policy of the page would block it
  sheet.replaceSync(`
    :host { display: block !important; position: relative !important; overflow: visible !important; }
    :host([gone]) { display: none !important; }
    section { all: initial; display: block; font: inherit; line-height: 1.35; color: inherit; direction: inherit;
      color-scheme: inherit; visibility: hidden; }
    section.shown { visibility: inherit; }
    h2 { font: inherit; font-size: 1.25em; font-weight: 700; line-height: 1.3; block-size: 2em; margin: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
    ol { list-style: none; margin: 0; padding: 0; display: grid; column-gap: var(--ymal-gap, 1.5em);
      grid-template-columns: repeat(var(--ymal-columns, 1), minmax(0, 1fr)); }
    li { box-sizing: border-box; block-size: var(--ymal-row, 5em); display: flex; flex-direction: column; justify-content: center; overflow: clip; overflow-clip-margin: .3em;
      border-block-start: 1px solid var(--ymal-line, color-mix(in srgb, currentColor 20%, transparent)); }
    li:empty { visibility: hidden; }
    a, p { max-inline-size: 100%; flex: none; }
    a { color: var(--ymal-link, inherit); font-weight: 600; text-decoration: none; text-wrap: pretty; overflow-wrap: anywhere;
      display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
    a:hover, a:focus-visible { text-decoration: underline; }
    a:focus-visible { outline: 2px solid; outline-offset: 1px; }
    p { margin: .1em 0 0; font-size: .85em; color: var(--ymal-meta, inherit); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
    @media (prefers-reduced-motion: no-preference) { section { transition: opacity .2s; opacity: 0; } section.shown { opacity: 1; } }
  `);

  const safe = (address) => {
    try {
      const url = new URL(address, document.baseURI);
      return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
    } catch {
      return null;
    }
  };

  class YouMayAlsoLike extends HTMLElement {
    static observedAttributes = ["article", "endpoint", "heading", "language", "limit", "window"];

    connectedCallback() { this.#soon(); }
    attributeChangedCallback() { this.#soon(); }

    #root = null;
    #key = "";
    #waiting = false;
    #done = "";
    #watchers = [];
    #asking = null;

    // Frameworks set attributes one by one and move elements about: what stands at the end counts.
    #soon() {
      if (this.#waiting) return;
      this.#waiting = true;
      Promise.resolve().then(() => {
        this.#waiting = false;
        try {
          if (this.isConnected) this.#start();
        } catch {
          this.#fail();
        }
      });
    }

    get #limit() { return Math.min(Math.max(parseInt(this.getAttribute("limit"), 10) || 5, 1), MOST); }
    get #base() { return new URL(this.getAttribute("endpoint") || home, document.baseURI).href.replace(/\/?$/, "/"); }

    #start() {
      const article = this.getAttribute("article");
      if (!article) return this.#root?.replaceChildren();
      const key = [article, this.#limit, this.#base, this.getAttribute("window"), this.getAttribute("language"), this.getAttribute("heading")].join("\n");
      if (key === this.#key && this.#done) return; // only moved
      this.#stop();
      this.#key = key;
      this.#done = "";
      this.#skeleton();
      this.#watch((seen, watcher) => {
        if (!seen) return;
        watcher.disconnect();
        this.#load(article).catch(() => this.#fail());
      }, { rootMargin: NEAR });
    }

    // As many places as articles are asked for, so that nothing moves when they come.
    #skeleton() {
      this.removeAttribute("gone");
      if (!this.#root) {
        this.#root = this.attachShadow({ mode: "open" });
        this.#root.adoptedStyleSheets = [sheet];
      }
      const box = make("section");
      const heading = make("h2");
      const list = make("ol");
      heading.textContent = this.getAttribute("heading") || "You May Also Like";
      heading.id = "heading";
      box.setAttribute("aria-labelledby", "heading");
      list.setAttribute("role", "list");
      for (let n = 0; n < this.#limit; n++) list.append(make("li"));
      for (const [name, part] of [["box", box], ["heading", heading], ["list", list]]) part.setAttribute("part", name);
      box.append(heading, list);
      this.#root.replaceChildren(box);
    }

    async #load(article) {
      const query = new URL(`v1/articles/${encodeURIComponent(article)}/related`, this.#base);
      query.searchParams.set("limit", this.#limit);
      for (const name of ["window", "language"]) if (this.getAttribute(name)) query.searchParams.set(name, this.getAttribute(name));
      const asking = (this.#asking = new AbortController());
      const timer = setTimeout(() => asking.abort(), PATIENCE_MS);
      let hits;
      try {
        const answer = await fetch(query.href, { credentials: "omit", signal: asking.signal });
        hits = answer.ok ? (await answer.json()).hits : [];
      } finally {
        clearTimeout(timer);
      }
      if (asking !== this.#asking || !this.isConnected) return;
      const shown = [];
      const places = this.#root.querySelectorAll("li");
      for (const hit of hits) {
        const href = safe(hit.url || `${this.#base}articles/${encodeURIComponent(hit.id)}`);
        if (!href || !hit.title || shown.length >= places.length) continue;
        this.#fill(places[shown.length], hit, href);
        shown.push(hit);
      }
      if (!shown.length) return this.#fail();
      this.#done = "shown";
      for (let n = shown.length; n < places.length; n++) this.#whenBelow(() => places[n].remove());
      this.#root.querySelector("section").classList.add("shown");
      this.#report(article, shown);
    }

    #fill(item, hit, href) {
      const link = make("a");
      const meta = make("p");
      link.href = href;
      link.textContent = hit.title;
      link.dir = meta.dir = "auto";
      if (hit.language) link.lang = hit.language;
      meta.textContent = [hit.reason, (hit.reason || "").includes(hit.section) ? "" : hit.section, this.#day(hit.published_at)].filter(Boolean).join(" · ");
      for (const [name, part] of [[hit.filled ? "item filled" : "item", item], ["link", link], ["meta", meta]]) part.setAttribute("part", name);
      item.append(link, meta);
    }

    #day(moment) {
      try {
        const lang = this.lang || this.closest("[lang]")?.lang || undefined;
        return moment && new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(moment));
      } catch {
        return "";
      }
    }

    #fail() {
      this.#done = "failed";
      this.#whenBelow(() => this.setAttribute("gone", ""));
    }

    // Takes space away only while it lies below the window, where nothing is seen to move.
    #whenBelow(act) {
      this.#watch((seen, watcher, entry) => {
        if (seen || entry.boundingClientRect.top < (entry.rootBounds ? entry.rootBounds.bottom : innerHeight)) return;
        watcher.disconnect();
        act();
      });
    }

    #report(article, shown) {
      if (!EVENTS || !this.hasAttribute("events") || navigator.globalPrivacyControl) return;
      const event = (kind, n) => ({ kind, article_id: article, related_id: shown[n].id, position: n + 1 });
      const send = (events) => {
        try {
          navigator.sendBeacon(`${this.#base}v1/events`, new Blob([JSON.stringify({ events })], { type: "text/plain" }));
        } catch {
          // a count is not worth an error
        }
      };
      this.#watch((seen, watcher) => {
        if (!seen) return;
        watcher.disconnect();
        send(shown.map((_, n) => event("impression", n)));
      }, { threshold: 0.25 });
      this.#root.querySelectorAll("a").forEach((link, n) => {
        const clicked = () => send([event("click", n)]);
        link.addEventListener("click", clicked);
        link.addEventListener("auxclick", (press) => press.button === 1 && clicked());
      });
    }

    #watch(act, options) {
      const watcher = new IntersectionObserver((entries) => {
        const last = entries[entries.length - 1];
        act(last.isIntersecting, watcher, last);
      }, options);
      watcher.observe(this);
      this.#watchers.push(watcher);
    }

    #stop() {
      for (const watcher of this.#watchers) watcher.disconnect();
      this.#watchers = [];
      if (this.#asking) this.#asking.abort();
      this.#asking = null;
    }
  }

  customElements.define(NAME, YouMayAlsoLike);
})();
