"""What WordPress keeps in the text of a post: block comments and shortcodes around HTML."""

from __future__ import annotations

import re

from semsearch.text import clean_text

# Shortcodes of WordPress itself and of common plugins, which stand without attributes too.
_KNOWN = (
    "caption|wp_caption|gallery|playlist|audio|video|embed|code|more|toc|contact-form|contact-form-7|youtube|vimeo"
    "|tweet|instagram|facebook|soundcloud|ad|ads|adsense|newsletter|signup|related|related_posts|sharethis|row"
    "|column|columns|button|divider|spacer|dropcap|pullquote"
)
_HOLDS_NO_TEXT = "gallery|playlist|audio|video|embed|youtube|vimeo|tweet|instagram|facebook|soundcloud"
_WITH_CONTENT = re.compile(rf"\[({_HOLDS_NO_TEXT})(?:\s[^\[\]]*+)?+\][^\[\]]{{0,2000}}\[/\1\]", re.I)
# [sic], [he] and [1] are words of the text: a shortcode is known, closes, names a value or has an underscore.
_SHORTCODE = re.compile(
    rf"""\[(?:/[a-z][\w-]*+|(?:{_KNOWN})(?:\s[^\[\]]*+)?+/?|[a-z][\w-]*+\s[^\[\]=]*+=["'\w][^\[\]]*+
    |[a-z][a-z0-9-]*_[\w-]*+(?:\s[^\[\]]*+)?+/?)\](?!\()""",
    re.I | re.X,
)
_BLOCK = re.compile(r"<!--\s*/?wp:[^>]*+(?:(?<!--)>[^>]*+)*?-->")


def wordpress_text(content: str) -> str:
    """Plain text of a post as WordPress stores it: without blocks and shortcodes, with what they enclose."""
    text = _BLOCK.sub("", content) if "wp:" in content else content
    if "[" in text:
        text = _SHORTCODE.sub("", _WITH_CONTENT.sub("", text))
    return clean_text(text)
