"""Writes the same articles in every format that is read, as the systems of publishers write them."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from semsearch.articles import Article
from semsearch.sources.opening import read_all
from semsearch.sources.records import record_from_article
from semsearch.sources.report import Report

WORDPRESS = (
    '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0"\n'
    ' xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"\n'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"\n'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"\n'
    ' xmlns:wp="http://wordpress.org/export/1.2/">\n<channel>\n'
)


def read_back(*specs: Path | str, kind: str | None = None, fields: dict[str, str] | None = None):
    """The articles by id, and the report."""
    report = Report()
    found = read_all([str(spec) for spec in specs], kind, report, fields)
    return {article.id: article for article in found}, report


def json_lines(articles: Sequence[Article]) -> dict[str, bytes]:
    """One object a line."""
    lines = [json.dumps(record_from_article(article), ensure_ascii=False) for article in articles]
    return {"news.jsonl": ("\n".join(lines) + "\n").encode()}


def json_list(articles: Sequence[Article]) -> dict[str, bytes]:
    """An object that holds the list, as an interface answers."""
    held = {"total": len(articles), "articles": [record_from_article(article) for article in articles]}
    return {"news.json": json.dumps(held, indent=1).encode()}


def comma_separated(articles: Sequence[Article]) -> dict[str, bytes]:
    """A table as a spreadsheet of another country saves it: semicolons, a mark, CRLF, its own names."""
    columns = {
        "ID": "id", "Headline": "title", "Body Text": "body", "Link": "url", "Publish Date": "published_at",
        "Last Modified": "updated_at", "Category": "section", "Byline": "author", "Keywords": "tags",
        "Lang": "language", "Publisher": "source", "Image URL": "image",
    }  # fmt: skip
    return {"news.csv": b"\xef\xbb\xbf" + _table(articles, columns, ";")}


def tab_separated(articles: Sequence[Article]) -> dict[str, bytes]:
    """A table with tabs under our own names."""
    names = ("id", "title", "body", "url", "published_at", "updated_at", "section", "author", "tags")
    return {"news.tsv": _table(articles, {name: name for name in (*names, "language", "source")}, "\t")}


def _table(articles: Sequence[Article], columns: dict[str, str], delimiter: str) -> bytes:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(columns)
    for article in articles:
        record = record_from_article(article)
        cells = [record.get(ours, "") for ours in columns.values()]
        writer.writerow([json.dumps(cell) if isinstance(cell, list) else cell for cell in cells])
    return file.getvalue().encode()


def parquet(articles: Sequence[Article]) -> dict[str, bytes]:
    """Columns with types: dates as timestamps in UTC, authors and tags as lists."""
    import pyarrow as pa
    from pyarrow import parquet as pq

    moments = pa.timestamp("us", tz="UTC")
    columns = {
        "id": pa.string(), "title": pa.string(), "body": pa.string(), "url": pa.string(),
        "published_at": moments, "updated_at": moments, "section": pa.string(),
        "authors": pa.list_(pa.string()), "tags": pa.list_(pa.string()), "language": pa.string(),
        "source": pa.string(), "image": pa.string(),
    }  # fmt: skip
    rows = {
        name: pa.array([_column(article, name) for article in articles], kind)
        for name, kind in columns.items()
    }
    file = io.BytesIO()
    pq.write_table(pa.table(rows), file, row_group_size=50)
    return {"news.parquet": file.getvalue()}


def _column(article: Article, name: str) -> object:
    value = getattr(article, name)
    return list(value) if isinstance(value, tuple) else value


def wordpress_export(articles: Sequence[Article]) -> dict[str, bytes]:
    """What Tools, Export gives: authors by login, categories and tags, blocks around paragraphs."""
    authors = list(dict.fromkeys(name for article in articles for name in article.authors))
    first = articles[0]
    parts = [
        WORDPRESS,
        f"<title>{first.source or ''}</title>\n<language>{first.language or ''}</language>\n",
        *(
            f"<wp:author><wp:author_login>{_cdata(f'user{number}')}</wp:author_login>"
            f"<wp:author_display_name>{_cdata(name)}</wp:author_display_name></wp:author>\n"
            for number, name in enumerate(authors)
        ),
        *(_item(article, authors) for article in articles),
        "</channel>\n</rss>\n",
    ]
    return {"wordpress.xml": "".join(parts).encode()}


def _item(article: Article, authors: Sequence[str]) -> str:
    blocks = "\n\n".join(
        f"<!-- wp:paragraph -->\n<p>{paragraph}</p>\n<!-- /wp:paragraph -->"
        for paragraph in _paragraphs(article.body)
    )
    lines = [
        f"<title>{_cdata(article.title)}</title>",
        f"<link>{html.escape(article.url or '')}</link>",
        f"<dc:creator>{_cdata(f'user{authors.index(article.authors[0])}' if article.authors else '')}"
        "</dc:creator>",
        f"<content:encoded>{_cdata(blocks)}</content:encoded>",
        "<excerpt:encoded><![CDATA[]]></excerpt:encoded>",
        f"<wp:post_id>{html.escape(article.id)}</wp:post_id>",
        _gmt("post_date", article.published_at),
        _gmt("post_modified", article.updated_at),
        "<wp:status>publish</wp:status>\n<wp:post_type>post</wp:post_type>",
    ]
    if article.section:
        lines.append(f'<category domain="category" nicename="x">{_cdata(article.section)}</category>')
    lines += [f'<category domain="post_tag" nicename="x">{_cdata(tag)}</category>' for tag in article.tags]
    return "<item>\n" + "\n".join(lines) + "\n</item>\n"


def _gmt(name: str, moment) -> str:
    written = f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "0000-00-00 00:00:00"
    return f"<wp:{name}_gmt><![CDATA[{written}]]></wp:{name}_gmt>"


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _paragraphs(body: str) -> list[str]:
    return [html.escape(part, quote=False).replace("\n", "<br>") for part in body.split("\n\n") if part]


def html_pages(articles: Sequence[Article]) -> dict[str, bytes]:
    """A page each, with JSON-LD, a menu before and a foot behind the story."""
    return {f"{number // 50}/{number}.html": html_page(one).encode() for number, one in enumerate(articles)}


def html_page(article: Article, *, head: str = "", attributes: str = ' lang="en"') -> str:
    """One page of a news site."""
    stated = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published_at and article.published_at.isoformat(),
        "dateModified": article.updated_at and article.updated_at.isoformat(),
        "articleSection": article.section,
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "keywords": list(article.tags),
        "publisher": {"@type": "Organization", "name": article.source} if article.source else None,
        "inLanguage": article.language,
    }
    written = json.dumps({name: value for name, value in stated.items() if value}).replace("</", "<\\/")
    title = html.escape(article.title)
    return (
        f"<!doctype html>\n<html{attributes}><head><meta charset=utf-8><title>{title} | A site</title>\n"
        f'<link rel="canonical" href="{html.escape(article.url or "")}">{head}\n'
        f'<script type="application/ld+json">{written}</script>\n<script>alert("script-word")</script></head>'
        '<body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/s">Sport</a></li></ul></nav>'
        f"</header>\n<main><article><h1>{title}</h1>\n"
        + "\n".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(article.body))
        + '\n</article></main><footer><p><a href="/imprint">Imprint</a></p></footer></body></html>\n'
    )


def markdown_pages(articles: Sequence[Article]) -> dict[str, bytes]:
    """A page each with YAML in front, as Hugo keeps them."""
    return {f"{number}.md": markdown_page(article).encode() for number, article in enumerate(articles)}


def markdown_page(article: Article) -> str:
    """One page: what Markdown would read as a sign stands behind a backslash."""
    record = record_from_article(article)
    body = str(record.pop("body", ""))
    fields = {"author": "authors", "section": "categories", "published_at": "date", "updated_at": "lastmod"}
    front = yaml.safe_dump({fields.get(name, name): value for name, value in record.items()})
    text = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", body)
    text = re.sub(r"(?<!\n)\n(?!\n)", "\\\\\n", text)
    return f"---\n{front}---\n\n{text}\n"


FORMATS: dict[str, Callable[[Sequence[Article]], dict[str, bytes]]] = {
    "jsonl": json_lines,
    "json": json_list,
    "csv": comma_separated,
    "tsv": tab_separated,
    "parquet": parquet,
    "wxr": wordpress_export,
    "html": html_pages,
    "markdown": markdown_pages,
}


def written(files: dict[str, bytes], folder: Path, packing: str) -> Path:
    """The files in a folder of their own, plain, each as .gz, or all in one .zip; what a user would give."""
    folder.mkdir()
    if packing == "zip":
        with zipfile.ZipFile(folder / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return folder / "export.zip"
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if packing == "gz":
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)
    single = list(folder.iterdir())
    return single[0] if len(single) == 1 and single[0].is_file() else folder
