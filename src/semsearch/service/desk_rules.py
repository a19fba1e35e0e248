"""The desk's rules: the table, a search or list to make one from, a form with its preview, history."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np
from fastapi.responses import Response
from pydantic import ValidationError

from semsearch.errors import InputError, RuleInvalid, RuleNotFound
from semsearch.rules import FILTER_FIELDS, KeptRule, Rule, RuleChange, State
from semsearch.search.rule_preview import RulePreview, preview
from semsearch.search.ruled import missing_ids
from semsearch.search.types import MAX_QUERY_CHARACTERS, RelatedRequest, SearchRequest
from semsearch.service.desk import Desk, DeskPage, desk_router, words_of
from semsearch.service.desk_fields import digits_of
from semsearch.service.desk_rule_form import (
    LABELS,
    PLACES,
    Filled,
    begun,
    filled,
    new_id,
    rule_words,
    typed,
    values,
)
from semsearch.service.reading import in_query
from semsearch.service.rules_convert import rule_of
from semsearch.service.schemas_rules import RuleBody

if TYPE_CHECKING:
    from semsearch.articles import Article, Hit
    from semsearch.engine import Engine

PATH = "/desk/rules"
FOUND = 10
PAGE = 50
STATES: tuple[State, ...] = ("active", "scheduled", "expired", "off")
CHANGES = 30

router = desk_router()


@dataclass(frozen=True, slots=True)
class Line:
    """One rule in the table; ``titles`` are of the articles that the table names, by their ids."""

    kept: KeptRule
    state: State
    missing: tuple[str, ...]
    titles: dict[str, str]

    @property
    def address(self) -> str:
        """Where it is changed."""
        return f"{PATH}/{quote(self.kept.rule.id, safe='')}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A search, or the list under an article, from which rules are made."""

    query: str = ""
    under: str = ""
    hits: tuple[Hit, ...] = ()
    article: Article | None = None


@router.get(PATH)
async def rules(desk: Desk) -> Response:
    """All rules, and a search or a list to make one from."""
    given = desk.request.query_params
    state, page = given.get("state", ""), _page_number(given.get("page", ""))
    kept = await desk.service.operate(lambda engine: engine.rules.all())
    now = datetime.now(UTC)
    counts = {name: sum(one.rule.state(now) == name for one in kept) for name in STATES}
    shown = [one for one in kept if state not in STATES or one.rule.state(now) == state]
    part = shown[(page - 1) * PAGE : page * PAGE]
    asked = Asked(given.get("q", "").strip()[:MAX_QUERY_CHARACTERS], given.get("under", "").strip()[:1000])
    return desk.render(
        "desk_rules.html",
        lines=await desk.call(lambda engine: lines(engine, part)),
        counts=counts,
        total=len(kept),
        state=state if state in STATES else "",
        page=page,
        more=len(shown) > page * PAGE,
        asked=await desk.call(lambda engine: _found(engine, asked)),
    )


@router.get(PATH + "/new")
async def new(desk: Desk) -> Response:
    """The form for a new rule, begun by a button beside an article."""
    return await _form(desk, begun(desk.request.query_params))


@router.post(PATH + "/new")
async def send(desk: Desk) -> Response:
    """Show what the rule in the form would do, or save it; what is wrong is told above the form."""
    form = await desk.form()
    sent = typed(form)
    try:
        body = RuleBody.model_validate(values(sent))
        rule = rule_of(body, sent.id or new_id(sent))
        if form.get("do") != "save":
            return await _form(desk, sent, seen=await desk.call(lambda engine: _seen(engine, sent, rule)))
        await desk.service.operate(lambda engine: engine.rules.put(rule, desk.who))
    except ValidationError as error:
        words = words_of(in_query(error), LABELS)
        return await _form(desk, sent, words=words)
    except RuleInvalid as error:
        return await _form(desk, sent, words=[f"{LABELS.get(error.field, error.field)}: {error.problem}"])
    except InputError as error:
        return await _form(desk, sent, words=[rule_words(str(error))])
    return desk.go(PATH, said="saved")


@router.get(PATH + "/history")
async def history(desk: Desk) -> Response:
    """Who changed which rule."""
    changes = await desk.service.operate(lambda engine: engine.rules.history(limit=10 * CHANGES))
    return await _changes(desk, changes)


@router.get(PATH + "/{rule_id}")
async def one(desk: Desk, rule_id: str) -> Response:
    """The form for a rule, and its history; of a deleted one the history alone."""
    try:
        kept = await desk.service.operate(lambda engine: engine.rules.get(rule_id))
    except RuleNotFound:
        return await _changes(desk, await _history(desk, rule_id), deleted=rule_id)
    return await _form(desk, filled(kept.rule), kept=kept)


@router.post(PATH + "/{rule_id}/delete")
async def delete(desk: Desk, rule_id: str) -> Response:
    """Delete a rule; its history stays."""
    await desk.form()
    await desk.service.operate(lambda engine: engine.rules.delete(rule_id, desk.who))
    return desk.go(PATH, said="removed")


@router.post(PATH + "/{rule_id}/switch")
async def switch(desk: Desk, rule_id: str) -> Response:
    """Switch a rule on or off."""
    form = await desk.form()

    def job(engine: Engine) -> None:
        rule = engine.rules.get(rule_id).rule
        engine.rules.put(replace(rule, enabled=form.get("enabled") == "on"), desk.who)

    await desk.service.operate(job)
    return desk.go(PATH, said="saved")


@router.post(PATH + "/{rule_id}/restore")
async def restore(desk: Desk, rule_id: str) -> Response:
    """Put back a version of a rule."""
    change = (await desk.form()).get("change")
    number = digits_of(change, 15) or 0
    await desk.service.operate(lambda engine: engine.rules.restore(rule_id, number, desk.who))
    return desk.go(f"{PATH}/{quote(rule_id, safe='')}", said="saved")


async def _form(
    desk: DeskPage,
    form: Filled,
    *,
    kept: KeptRule | None = None,
    seen: RulePreview | None = None,
    words: Sequence[str] = (),
) -> Response:
    changes = await _history(desk, form.id) if form.id else []
    named = [*form.ids, form.under, form.see_under, *_named(_versions(changes))]
    return desk.render(
        "desk_rule.html",
        422 if words else 200,
        form=form,
        kept=kept,
        seen=seen,
        words=words,
        titles=await desk.call(lambda engine: titles_of(engine, named)),
        changes=changes,
        fields=FILTER_FIELDS,
        places=PLACES,
        ranks={"before": _ranks(seen, "after"), "after": _ranks(seen, "before")},
    )


async def _changes(desk: DeskPage, changes: list[RuleChange], deleted: str = "") -> Response:
    titles = await desk.call(lambda engine: titles_of(engine, _named(_versions(changes))))
    return desk.render("desk_rules_history.html", changes=changes, titles=titles, deleted=deleted)


def _versions(changes: Iterable[RuleChange]) -> Iterator[Rule]:
    return (rule for change in changes for rule in (change.before, change.after) if rule)


def _named(rules: Iterable[Rule]) -> list[str | None]:
    """The articles that a table of rules names."""
    return list(dict.fromkeys(one for rule in rules for one in (*rule.articles[:3], rule.under)))


async def _history(desk: DeskPage, rule_id: str) -> list[RuleChange]:
    return await desk.service.operate(lambda engine: engine.rules.history(rule_id, limit=CHANGES))


def lines(engine: Engine, kept: Sequence[KeptRule]) -> list[Line]:
    """Rules as the table shows them."""
    now = datetime.now(UTC)
    titles = titles_of(engine, _named(one.rule for one in kept))
    with engine.index.snapshot(hidden=True) as snapshot:
        return [Line(one, one.rule.state(now), missing_ids(snapshot, one.rule), titles) for one in kept]


def titles_of(engine: Engine, ids: Iterable[str | None]) -> dict[str, str]:
    """The titles of those articles that the index has, by their ids."""
    with engine.index.snapshot(hidden=True) as snapshot:
        wanted = [one for one in ids if one and one.isprintable()]
        rows = {one: snapshot.row_of(one) for one in wanted}
        held = {one: row for one, row in rows.items() if row >= 0}
        articles = snapshot.articles(np.array(list(held.values()), np.int64)) if held else []
        return {one.id: one.title or one.body[:90] for one in articles}


def _found(engine: Engine, asked: Asked) -> Asked:
    if asked.query:
        response = engine.searcher.search(SearchRequest(query=asked.query, limit=FOUND))
        return replace(asked, hits=response.hits, under="")
    if asked.under:
        listed = engine.searcher.related(RelatedRequest(article_id=asked.under, limit=FOUND))
        return replace(asked, hits=listed.hits, article=engine.index.known(asked.under))
    return asked


def _seen(engine: Engine, form: Filled, rule: Rule) -> RulePreview:
    query, under = form.see or None, form.see_under or None
    if query is None and under is None and rule.holds_for in {"search", "everywhere"}:
        query = ""
    return preview(
        engine.searcher,
        engine.index,
        engine.rules.current(),
        rule,
        query=None if under else query,
        article_id=under,
        limit=min(50, max(FOUND, rule.position + len(rule.articles))),
        now=time.time(),
    )


def _ranks(seen: RulePreview | None, which: str) -> dict[str, int]:
    if seen is None:
        return {}
    return {hit.article.id: hit.rank for hit in getattr(seen, which).hits}


def _page_number(text: str) -> int:
    return digits_of(text, 15) or 1
