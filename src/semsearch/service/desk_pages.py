"""The pages of the desk in the order of its menu: the one list of them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, FastAPI

from semsearch.service import (
    desk_coverage,
    desk_home,
    desk_index,
    desk_links,
    desk_login,
    desk_readers,
    desk_rules,
    desk_saved,
    desk_scheduled,
    desk_story,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the menu: its address, its name, and one line on what it is for."""

    path: str
    name: str
    about: str


# Whoever adds a page adds its router to one list and its line of the menu to the other.
ROUTERS: tuple[APIRouter, ...] = (
    desk_login.router,
    desk_home.router,
    desk_coverage.router,
    desk_rules.router,
    desk_saved.router,
    desk_story.router,
    desk_links.router,
    desk_readers.router,
    desk_scheduled.router,
    desk_index.router,
)
MENU: tuple[Entry, ...] = (
    Entry(
        "/desk/coverage", "Coverage check", "Has this news run? A draft beside the archive, and what is new."
    ),
    Entry("/desk/stories", "The story so far", "One story from its first article on: who wrote what, when."),
    Entry("/desk/links", "Links to add", "Which phrases of a draft to link, to which article, and why."),
    Entry("/desk/rules", "Rules", "Pin, hide, boost: by hand where the machine falls short."),
    Entry("/desk/saved", "Saved searches", "What is to be told as soon as it arrives."),
    Entry("/desk/scheduled", "Scheduled and hidden", "Articles that readers do not see yet, or no longer."),
    Entry("/desk/readers", "What readers look for", "Their searches, what they miss, what they click."),
    Entry("/desk/index", "Index", "How fresh and how large it is; rebuild and roll back."),
)


def install(app: FastAPI) -> None:
    """Add the pages and their menu to an app, after ``pages.install``."""
    for router in ROUTERS:
        app.include_router(router)
    app.state.templates.globals["desk_menu"] = MENU
