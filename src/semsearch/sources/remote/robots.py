"""robots.txt: what a crawler may fetch of a site, and how fast (RFC 9309)."""

from __future__ import annotations

from urllib.parse import urlsplit

from protego import Protego

from semsearch.sources.remote.client import Answered, Fetcher

AGENT = "semsearch"
MAX_BYTES = 512 * 1024
MAX_DELAY = 60.0  # seconds: a site that asks for more gets one page a minute


class Robots:
    """Asks each site's robots.txt once, and keeps the fetcher to the delay that it asks for."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._rules: dict[str, Protego] = {}

    def may_fetch(self, url: str) -> bool:
        """Whether the site lets this program fetch an address.

        Raises SourceUnreadable where the site cannot say: then nothing of it is fetched (RFC 9309, 2.3.1.4).
        """
        return bool(self._of(url).can_fetch(url, AGENT))

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the site of an address names."""
        return list(self._of(url).sitemaps)

    def _of(self, url: str) -> Protego:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._rules:
            rules = self._rules[origin] = Protego.parse(self._text(f"{origin}/robots.txt"))
            delay = rules.crawl_delay(AGENT)
            if delay:
                self._fetcher.pace.slow_down((parts.hostname or "").lower(), min(float(delay), MAX_DELAY))
        return self._rules[origin]

    def _text(self, url: str) -> str:
        try:
            return self._fetcher.get(url, most=MAX_BYTES).body.decode("utf-8", "replace")
        except Answered as fault:
            if 400 <= fault.status < 500 and fault.status != 429:
                return ""  # there is none: everything may be fetched
            raise
