"""The address of an article says which page is meant, not who sent the reader."""

from semsearch.sources.records import article_from_record, record_from_article


def test_an_address_loses_trackers_and_its_amp_form():
    """Whatever source names it; what tells the page stays, and the article read back is the same."""
    written = "https://www.example.org/news/village-school-closes/amp?utm_source=rss&page=2#comments"
    article, _ = article_from_record({"id": "a", "title": "School closes", "url": written})

    assert "https://www.example.org/news/village-school-closes?page=2" == article.url
    assert article == article_from_record(record_from_article(article))[0]
