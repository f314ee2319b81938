"""What a browser would make of a page."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = '<img src=x onerror="alert(1)">|`*'


class Page(HTMLParser):
    """Collects tags and visible text, and counts that every element is closed."""

    VOID = frozenset({"meta", "br", "img", "link", "input", "hr", "line", "path", "circle"})

    def __init__(self, source):
        super().__init__()
        self.tags, self.words, self.open = [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())
