"""The knobs of each room as frozen dataclasses: standard library only, made once by settings.

Every field is a key of the TOML table of the same name (``[passages] tokens = 200``) and of an
environment variable (``SEMSEARCH_PASSAGES_TOKENS``). The comment behind a field is its documentation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class EncoderOptions:
    """Which model turns text into vectors, and how it is run."""

    model: str = "default"  # "default" is the packaged all-MiniLM-L6-v2; else a local path or a hub name
    backend: Literal["auto", "torch", "onnx", "onnx-int8"] = (
        "auto"  # auto: the fastest that proves near enough
    )
    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps (torch back end)
    query_prompt: str = ""  # put before each query; "" takes the model's own prompt, where it has one
    passage_prompt: str = ""  # put before each passage; "" takes the model's own
    threads: int = 0  # 0: all cores
    cache_folder: str = ""  # where converted models are kept; "" is the user's cache folder


@dataclass(frozen=True, slots=True)
class PassageOptions:
    """How articles are cut into passages."""

    tokens: int = 0  # most tokens a passage with its title; 0: the encoder's window
    overlap_sentences: int = 1  # sentences repeated at the start of the next passage
    max_per_article: int = 4  # passages an article at most; 0: no bound


@dataclass(frozen=True, slots=True)
class LexicalOptions:
    """How words are indexed."""

    language: str = "english"  # stemming and stop words where an article names no language of its own


@dataclass(frozen=True, slots=True)
class VectorOptions:
    """How vectors are indexed."""

    kind: Literal["auto", "exact", "lists"] = "auto"  # auto: by the number of passages


@dataclass(frozen=True, slots=True)
class VisibilityOptions:
    """Which articles readers may see; the others are kept, and appear or go at their time."""

    scheduled: Literal["hide", "show"] = "hide"  # articles whose published_at is still to come
    expired: Literal["hide", "show"] = "hide"  # articles whose expires_at has passed
    published_statuses: str = ""  # words of your CMS that mean published too, joined by commas

    def is_published(self, status: str) -> bool:
        """Whether a status that is none of the usual words for published means so here."""
        known = (word.strip().casefold() for word in self.published_statuses.split(","))
        return status.strip().casefold() in known


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """How the service listens."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1  # processes that answer; one a core answers most searches a second
    open: bool = False  # serve without keys on an address that others can reach
    max_waiting: int = 32  # requests that may wait for a free thread before 503 is answered
    remembered_answers: int = 1000  # lists that each worker remembers until anything changes; 0: none
    related_cache_seconds: int = 60  # Cache-Control of related lists
    require_key: bool = False  # readers need a key too (writing always needs one)
    cors_origins: str = ""  # sites whose pages may read in a browser: https://a.example, https://b.example
    public_url: str = ""  # where readers reach the service: https://news.example/search; for links and feeds
    root_path: str = ""  # path before ours, behind a proxy: /search; "" is that of public_url
    allowed_hosts: tuple[str, ...] = ()  # hosts that are answered: search.example, *.news.example; none: all
    trusted_proxies: tuple[str, ...] = ()  # whose X-Forwarded-* are believed: 10.0.0.0/8; none: this machine
    rate_limit: str = ""  # requests of one address, such as 600/minute; "" is no limit
    key_rate_limit: str = ""  # requests with one key, such as 6000/minute; "" is no limit
    login_limit: str = "20/minute"  # tries of one address to sign in to the desk
    threads: int = 0  # searches at a time in each worker; 0: as many as cores, two to four
    max_body_bytes: int = 10_000_000  # a larger article or import is refused with 413
    max_query_bytes: int = 262_144  # the same for a search, rule or saved search as a JSON body
    max_text_bytes: int = (
        4_000_000  # the same for a text whose related articles, coverage or links are asked for
    )
    max_requests: int = 64  # requests that each worker answers at a time; more get 503 and Retry-After
    max_connections: int = 1000  # connections that each worker keeps; the longest idle goes for a new one
    header_seconds: float = 10.0  # in which a request's headers must have come
    body_seconds: float = 20.0  # over which a body must come with 1 KB a second or more
    keep_alive_seconds: int = 65  # for which an idle connection is kept; longer than your proxy keeps it
    site_name: str = "News archive"  # what the pages call themselves
    events: bool = False  # keep what readers look for and click (POST /v1/events); no cookies, no addresses
    events_days: int = 30  # how long an event is kept
    webhook_hosts: str = (
        ""  # hosts (or host:port) in private networks that webhooks may go to, joined by commas
    )


@dataclass(frozen=True, slots=True)
class RankingOptions:
    """How candidates are ranked; the defaults are measured in benchmarks/README.md."""

    semantic_ratio: float = 0.5  # hybrid mode: weight of meaning, 0 (words only) to 1 (meaning only)
    feedback_weight: float = 0.6  # how much nearness to the best articles adds, times the best score
    feedback_articles: int = 2  # the best articles that others are compared with
    title_lift: float = 0.9  # how far up to the best those rise whose title holds the rare words asked for
    depth: int = 200  # candidates of each retriever that are fused; deeper pages go on without fusion
    semantic_least: float = 0.25  # an inner product under it is no match: two texts share no meaning
    relevant_least: float = 0.5  # flag answers whose hits are less likely than this to answer the query
    semantic_floor: float = 0.0  # an inner product that scores 0
    semantic_ceiling: float = 1.0  # an inner product that scores 1
    lexical_ceiling: float = 1.0  # share of the ideal BM25 score that scores 1
    title_weight: float = 0.75  # BM25 weight of the title against the body's 1
    author_weight: float = 0.5  # BM25 weight of the author against the body's 1
    recency_half_life: float = 14.0  # days in which an article's recency halves
    recency_weight: float = 0.0  # 0: age does not matter, 1: it matters as much as it can
    related_least: float = 0.35  # related lists: articles below this similarity are not called related
    related_semantic_ratio: float = 0.7  # related lists: weight of meaning against salient words
    related_date_weight: float = 0.2  # related lists: how much nearness in time counts; no window asked for
    related_date_half_life: float = 7.0  # days between two articles in which that nearness halves
    related_diversity: float = 0.1  # novelty against nearness in related lists, 0 to 1
    reranker: str = ""  # a CrossEncoder by local path or hub name that reorders the head; "" is none
    reranker_depth: int = 20  # hits at the head that it reads; each costs about one encoding
    snippet_characters: int = 280  # length of a snippet, about


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """One place that articles come from again and again: a table ``[sources.NAME]`` for each."""

    kind: str = ""  # wordpress, feed, sitemap or sql; for files jsonl, csv, …, or "" to let them tell
    url: str = ""  # of the site, feed or sitemap; for sql a SQLAlchemy url of the database
    url_env: str = ""  # variable that holds the url instead, where it has a password in it
    path: str = ""  # file or folder, for sources that are files
    query: str = ""  # sql: SELECT whose columns are article fields; :since is the newest updated_at seen
    fields: Mapping[str, str] = field(default_factory=dict)  # our field = their name: {title = "headline"}
    username: str = ""  # for a site with a login; WordPress: the user of the application password
    password_env: str = ""  # variable that holds the password
    rate: float = 1.0  # requests a second to one host
    allow_private: bool = False  # the host and port of url may be in a private network or on this machine
    post_type: str = "posts"  # wordpress: the route of the posts: posts, pages, or a type of your own
    full_text: bool = False  # feed: fetch the page of each entry and take the text from there
    include: str = ""  # sitemap: regular expression (RE2) that the address of a page must match
    exclude: str = ""  # sitemap: regular expression (RE2) of addresses to leave out
    deletes: bool = False  # sql and files: what is missing in a complete reading is deleted
    id_prefix: str = ""  # put before each id, so that two sources cannot meet in one
    date_order: Literal["", "dmy", "mdy", "ymd"] = ""  # as the setting of this name, for this source alone
    time_zone: str = ""  # as the setting of this name, for this source alone
    section: str = ""  # of articles that name none
    source: str = ""  # publisher of articles that name none
    language: str = ""  # of articles that name none
