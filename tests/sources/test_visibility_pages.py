"""What HTML pages and posts of a WordPress export say of who may see them, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.sources.making import WORDPRESS, read_back

LATER = datetime(2099, 1, 2, 6, tzinfo=UTC)


class TestHtml:
    def page(self, head, tmp_path):
        """The article of a page with this in its head."""
        (tmp_path / "a.html").write_text(
            f"<html><head><title>Ferry runs again</title>{head}</head><body><h1>Ferry runs again</h1>"
            "<article><p>The ferry runs again after a week of storm, the harbour says.</p></article></body>"
            "</html>"
        )
        return read_back(tmp_path)[0]["a"]

    def test_json_ld(self, tmp_path):
        """Status, expiry and a date to come; whether it is free is kept."""
        article = self.page(
            '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry runs again", '
            '"datePublished": "2099-01-02T06:00:00Z", "expires": "2099-05-01", '
            '"creativeWorkStatus": "Draft", '
            '"isAccessibleForFree": false}</script>',
            tmp_path,
        )
        assert ("draft", LATER, 5) == (article.status, article.published_at, article.expires_at.month)
        assert {"isAccessibleForFree": False} == dict(article.extra)

    @pytest.mark.parametrize(
        "script",
        [
            '{"@type": "NewsArticle", "headline": "Ferry", "creativeWorkStatus": "Draft",}',
            '{"@type": "NewsArticle", "keywords": ["a, ]", "b",], "headline": "Ferry", '
            '"creativeWorkStatus": "Draft"},',
            '/* by the theme */ {"@type": "NewsArticle", // kind\n"headline": "Ferry http://x.example/",'
            '"creativeWorkStatus": "Draft"}',
            '<!--\n{"@type": "NewsArticle", "headline": "Ferry\tboat\n", "creativeWorkStatus": "Draft"}\n-->',
            '//<![CDATA[\n[{"@type": "NewsArticle", "name": "Ferry", "creativeWorkStatus": "Draft"}]\n//]]>',
            '{"@type": "NewsArticle", "headline": "Ferry "again"", "creativeWorkStatus": "Draft"}',
        ],
    )
    def test_json_ld_with_slips_is_read(self, script, tmp_path):
        """Commas at the end, comments, control characters, wrappers; of what is broken, the status."""
        article = self.page(f'<script type="application/ld+json">{script}</script>', tmp_path)
        assert "draft" == article.status

    def test_json_ld_of_something_else_that_is_broken_hides_nothing(self, tmp_path):
        """A video may be over, its page is not."""
        article = self.page(
            '<script type="application/ld+json">{"@type": "VideoObject", "name": "A "b"", '
            '"expires": "2020-01-01"}</script>',
            tmp_path,
        )
        assert (None, None) == (article.status, article.expires_at)

    def test_json_ld_that_is_available_later(self, tmp_path):
        """Its start and its end count as those of the page."""
        article = self.page(
            '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry runs again", '
            '"datePublished": "2026-01-02", "availabilityStarts": "2099-01-02T06:00:00Z", '
            '"availabilityEnds": "2099-03-01"}</script>',
            tmp_path,
        )
        assert (LATER, 3) == (article.published_at, article.expires_at.month)

    @pytest.mark.parametrize(
        ("meta", "status"),
        [
            ('<meta name="status" content="Draft">', "draft"),
            ('<meta name="workflow_state" content="in review">', "in review"),
            ('<meta property="article:status" content="private">', "private"),
            ('<meta name="draft" content="true">', "draft"),
            ('<meta name="draft" content="false">', None),
            ('<meta name="status" content="breaking">', None),
            ('<meta name="status" content="published">', None),
            ('<meta name="state" content="Oregon">', None),
            ('<meta http-equiv="expires" content="Mon, 02 Jan 2006 00:00:00 GMT">', None),
        ],
    )
    def test_a_meta_tag_with_a_status(self, meta, status, tmp_path):
        """Known words alone: tags of these names say many things."""
        article = self.page(meta, tmp_path)
        assert (status, None, {}) == (article.status, article.expires_at, dict(article.extra))

    @pytest.mark.parametrize(
        ("meta", "status"),
        [
            ('<meta name="robots" content="noindex,follow">', "noindex"),
            ('<meta name="ROBOTS" content="none">', "noindex"),
            ('<meta name="robots" content="index, follow, max-image-preview:large">', None),
            ('<meta name="googlebot" content="noindex">', None),
        ],
    )
    def test_a_page_that_asks_search_engines_to_leave_it_out(self, meta, status, tmp_path):
        """It has the status noindex; what is said to one robot by its name is not said to all."""
        article = self.page(meta, tmp_path)
        assert (status, {}) == (article.status, dict(article.extra))

    @pytest.mark.parametrize(
        "meta",
        [
            '<meta property="article:expiration_time" content="2099-01-02T06:00:00Z">',
            '<meta name="robots" content="unavailable_after: 2099-01-02T06:00:00Z">',
        ],
    )
    def test_the_end_of_a_page(self, meta, tmp_path):
        """As OpenGraph says it, or as robots are told."""
        article = self.page(meta, tmp_path)
        assert (None, LATER) == (article.status, article.expires_at)


def test_posts_of_an_export_have_their_status(tmp_path):
    """A post behind a password too; a scheduled one has its date; what holds no article is passed over."""

    def item(number, status, more="", title="T"):
        return (
            f"<item><title>{title}</title><wp:post_id>{number}</wp:post_id><wp:post_type>post</wp:post_type>"
            f"<wp:status>{status}</wp:status>{more}</item>"
        )

    items = [
        item(1, "publish"),
        item(2, "draft"),
        item(3, "private"),
        item(4, "pending"),
        item(5, "trash"),
        item(6, "publish", "<wp:post_password>sesame</wp:post_password>"),
        item(7, "future", "<wp:post_date_gmt>2099-01-02 06:00:00</wp:post_date_gmt>"),
        item(8, "auto-draft"),
        item(9, "inherit"),
        item(10, "draft", title=""),
        item(11, "hausintern"),
    ]
    path = tmp_path / "export.xml"
    path.write_text(WORDPRESS + "".join(items) + "</channel></rss>")
    found, report = read_back(path)
    assert {
        "1": None,
        "2": "draft",
        "3": "private",
        "4": "pending",
        "5": "trash",
        "6": "password",
        "7": None,
        "11": "hausintern",
    } == {key: article.status for key, article in found.items()}
    assert LATER == found["7"].published_at
    assert "sesame" not in repr(found["6"])
    notes = str(report.tally().notes())
    for words in ("'auto-draft'", "'inherit'", "neither title nor text", "published_statuses"):
        assert words in notes
    assert 0 == report.tally().rejected


def exported(tmp_path, more):
    """The article of one post of an export with this in its item, and the notes."""
    path = tmp_path / "export.xml"
    path.write_text(
        f"{WORDPRESS}<item><title>Bread</title><wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type>"
        f"{more}</item></channel></rss>"
    )
    found, report = read_back(path)
    return found["1"], str(report.tally().notes())


@pytest.mark.parametrize(
    ("meta", "status"),
    [
        ({"_yoast_wpseo_meta-robots-noindex": "1"}, "noindex"),
        ({"_yoast_wpseo_meta-robots-noindex": "2"}, None),
        ({"rank_math_robots": 'a:1:{i:0;s:7:"noindex";}'}, "noindex"),
        ({"rank_math_robots": 'a:1:{i:0;s:5:"index";}'}, None),
        ({"_aioseop_noindex": "on"}, "noindex"),
        ({"_seopress_robots_index": "yes"}, "noindex"),
        ({"_members_access_role": "subscriber"}, "members"),
        ({"_members_access_role": ""}, None),
        (
            {"_expiration-date": "4083112800", "_expiration-date-status": "saved"},
            datetime(2099, 5, 22, tzinfo=UTC),
        ),
        ({"_expiration-date": "1500000000"}, datetime(2017, 7, 14, 2, 40, tzinfo=UTC)),
        ({"_expiration-date": "1500000000", "_expiration-date-status": "disabled"}, None),
        ({"_expiration-date": "1500000000", "_expiration-date-type": "stick"}, None),
        ({"post_expire_date": "2021-05-02"}, datetime(2021, 5, 2, tzinfo=UTC)),
        ({"_wp_old_date": "2021-05-02", "_edit_last": "1", "views": "0", "_thumbnail_id": "4"}, None),
    ],
    ids=str,
)
def test_what_plugins_say_of_a_post(meta, status, tmp_path):
    """Of search engines, of members, and until when it is shown."""
    rows = "".join(
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value><![CDATA[{value}]]></wp:meta_value>"
        "</wp:postmeta>"
        for key, value in meta.items()
    )
    article, _ = exported(tmp_path, f"<wp:status>publish</wp:status>{rows}")
    if isinstance(status, datetime):
        assert (None, status.date()) == (article.status, article.expires_at.date())
    else:
        assert (status, None) == (article.status, article.expires_at)


def test_an_empty_status_is_not_taken_for_published(tmp_path):
    """WordPress writes none; a note tells of it."""
    article, notes = exported(tmp_path, "<wp:status></wp:status>")
    assert "unknown" == article.status
    assert "not a usual word for a status" in notes
