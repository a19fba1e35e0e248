"""From the settings of a source to the source: what is missing or makes no sense is said at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from semsearch.articles import Article
from semsearch.errors import SettingsInvalid
from semsearch.options import SourceOptions
from semsearch.sources.kinds import KINDS
from semsearch.sources.remote.protocol import RemoteSource
from semsearch.text.dates import DateHabits, habits_from
from semsearch.text.zones import ZoneUnknown

if TYPE_CHECKING:
    from semsearch.sources.remote.client import Fetcher, Policy

WEB_KINDS = ("wordpress", "feed", "sitemap")
LIVE_KINDS = (*WEB_KINDS, "sql")
MakeFetcher = Callable[["Policy"], "Fetcher"]


@contextmanager
def open_remote(
    name: str,
    options: SourceOptions,
    *,
    environ: Mapping[str, str] | None = None,
    make_fetcher: MakeFetcher | None = None,
) -> Iterator[RemoteSource]:
    """The source of ``[sources.NAME]``, its connections closed at the end.

    Raises SettingsInvalid naming the key and what is allowed. ``make_fetcher`` is for tests.
    """
    options = checked(name, options, os.environ if environ is None else environ)
    if options.kind == "sql":
        from semsearch.sources.remote.sql import SqlSource

        with SqlSource(options) as source:
            yield source
        return
    if options.kind not in LIVE_KINDS:
        from semsearch.sources.remote.file_source import FileSource

        yield FileSource(options)
        return
    from semsearch.sources.remote.client import Fetcher

    with (make_fetcher or Fetcher)(
        policy_of(name, options, os.environ if environ is None else environ)
    ) as fetcher:
        yield _web_source(options, fetcher)


def check_all(sources: Mapping[str, SourceOptions], environ: Mapping[str, str] | None = None) -> None:
    """Raise SettingsInvalid for the first source whose settings cannot work."""
    environ = os.environ if environ is None else environ
    for name, options in sources.items():
        usable = checked(name, options, environ)
        if usable.kind in WEB_KINDS:
            policy_of(name, usable, environ)


def checked(name: str, options: SourceOptions, environ: Mapping[str, str]) -> SourceOptions:
    """The options with the url in place; raises SettingsInvalid for what cannot work."""
    table = f"[sources.{name}]"
    if options.url_env:
        if not environ.get(options.url_env):
            raise SettingsInvalid(f"{table} url_env names the variable {options.url_env}, which is not set")
        options = replace(options, url=environ[options.url_env])
    known = (*LIVE_KINDS, *KINDS)
    if options.kind not in {"", *known}:
        raise SettingsInvalid(f"{table} kind is {options.kind!r}; give one of {', '.join(known)}")
    needed = (
        ("url", "query") if options.kind == "sql" else ("url",) if options.kind in LIVE_KINDS else ("path",)
    )
    for key in needed:
        if not getattr(options, key):
            what = (
                f"is of kind {options.kind}"
                if options.kind
                else "names no kind, so its articles are in files,"
            )
            raise SettingsInvalid(f"{table} {what} and has no {key}; give one")
    if options.kind in WEB_KINDS:
        _check_address(table, options.url)
    if options.rate <= 0:
        raise SettingsInvalid(f"{table} rate is {options.rate}; give requests a second, more than 0")
    _check_patterns(table, options)
    try:
        habits_of(options)
    except ZoneUnknown as exc:
        raise SettingsInvalid(
            f"{table} time_zone is {options.time_zone[:80]!r}: {exc}; give a name like Europe/Berlin"
        ) from exc
    return options


def _check_address(table: str, url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that hold no address, a port past 65535
        usable = False
    if not usable:
        raise SettingsInvalid(f"{table} url is {url!r}; give an http or https address")


def _check_patterns(table: str, options: SourceOptions) -> None:
    for key in ("include", "exclude"):
        written = getattr(options, key)
        if not written:
            continue
        from semsearch.sources.remote.patterns import Pattern, PatternInvalid

        try:
            Pattern(written)
        except PatternInvalid as exc:
            raise SettingsInvalid(
                f"{table} {key} is {written[:200]!r}, which cannot be used: {exc}. "
                "The syntax is RE2's: as Python's, but without look-around and back references, so that no "
                "pattern takes for ever"
            ) from exc


def policy_of(name: str, options: SourceOptions, environ: Mapping[str, str]) -> Policy:
    """What the fetcher of a source may do; the password comes from the environment alone."""
    from semsearch.sources.remote.client import Policy

    login = None
    if bool(options.username) != bool(options.password_env):
        raise SettingsInvalid(f"[sources.{name}] give both username and password_env, or neither")
    if options.username:
        password = environ.get(options.password_env, "")
        if not password:
            raise SettingsInvalid(
                f"[sources.{name}] password_env names the variable {options.password_env}, which is not set"
            )
        if not options.url.startswith("https://") and not options.allow_private:
            raise SettingsInvalid(
                f"[sources.{name}] the login would go over the net unencrypted; give an https:// url"
            )
        login = (options.username, password)
    return Policy(
        home=options.url,
        rate=options.rate,
        private_hosts=frozenset({_own_port(options.url)} if options.allow_private else ()),
        login=login,
    )


def _own_port(url: str) -> str:
    """The host and port of an address: all that allow_private opens, not what it redirects to."""
    from semsearch.sources.remote.addresses import host_and_port

    parts = urlsplit(url)
    return host_and_port(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def defaults_of(options: SourceOptions) -> dict[str, object]:
    """The fields that articles get which name none; the publisher is at least the site's host."""
    host = (urlsplit(options.url).hostname or "").removeprefix("www.") if options.kind != "sql" else ""
    given = {"section": options.section, "source": options.source or host, "language": options.language}
    return {field: value for field, value in given.items() if value}


def habits_of(options: SourceOptions) -> DateHabits:
    """How the source writes dates; raises ZoneUnknown for a time zone that is none."""
    return habits_from(date_order=options.date_order, time_zone=options.time_zone, language=options.language)


def with_defaults(article: Article, options: SourceOptions) -> Article:
    """The article with the fields that it does not name itself, and the source's prefix before its id."""
    return replace(
        article,
        id=f"{options.id_prefix}{article.id}",
        section=article.section or options.section or None,
        source=article.source or options.source or None,
        language=article.language or options.language or None,
    )


def _web_source(options: SourceOptions, fetcher: Fetcher) -> RemoteSource:
    defaults, prefix = defaults_of(options), options.id_prefix
    if options.kind == "feed":
        from semsearch.sources.remote.feed import Feed

        return Feed(
            fetcher,
            options.url,
            defaults=defaults,
            id_prefix=prefix,
            full_text=options.full_text,
            dates=habits_of(options),
        )
    if options.kind == "sitemap":
        from semsearch.sources.remote.sitemap import Sitemap

        return Sitemap(
            fetcher,
            options.url,
            defaults=defaults,
            id_prefix=prefix,
            include=options.include,
            exclude=options.exclude,
            dates=habits_of(options),
        )
    from semsearch.sources.remote.wordpress import WordPress
    from semsearch.sources.remote.wordpress_api import WordPressApi

    api = WordPressApi(fetcher, options.url, options.post_type)
    return WordPress(api, defaults=defaults, id_prefix=prefix)
