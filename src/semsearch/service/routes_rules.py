"""Editors' rules over HTTP: pin, hide, boost; preview, history, and putting back. Scope write."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Body, Depends, Path, Request
from fastapi.responses import Response

from semsearch.index.rules_store import MAX_HISTORY
from semsearch.search.rule_preview import RulePreview, preview
from semsearch.service.answers import json_response, problems
from semsearch.service.auth import needs, secured, who
from semsearch.service.bodies import JsonRoute
from semsearch.service.convert import Json
from semsearch.service.reading import described, read_query
from semsearch.service.routes_write import NoQuery
from semsearch.service.rules_convert import (
    UNNAMED,
    change_record,
    kept_answers,
    preview_answer,
    rule_of,
)
from semsearch.service.schemas_rules import (
    HistoryAnswer,
    HistoryQuery,
    RestoreBody,
    RuleAnswer,
    RuleBody,
    RuleChangeAnswer,
    RulePreviewAnswer,
    RulePreviewBody,
    RulesAnswer,
    RulesQuery,
)
from semsearch.service.state import service_of

if TYPE_CHECKING:
    from semsearch.engine import Engine

router = APIRouter(route_class=JsonRoute, tags=["editor"], dependencies=[Depends(needs("write"))])

RuleId = Annotated[
    str,
    Path(
        description="The rule's id, of your choice: letters, digits, dots, colons, dashes.",
        examples=["school-closure"],
    ),
]


@router.get(
    "/v1/rules",
    operation_id="rules",
    summary="All rules",
    response_model=RulesAnswer,
    responses=problems(401, 403, 422, 500, 503),
    openapi_extra=secured(described(RulesQuery)),
)
async def rules(request: Request) -> Response:
    """List the rules, those changed last first, each with its state and what is gone of it. Scope write."""
    asked = read_query(RulesQuery, request.query_params)

    def job(engine: Engine) -> Json:
        now = datetime.now(UTC)
        kept = [one for one in engine.rules.all() if asked.state in {None, one.rule.state(now)}]
        page = kept[asked.offset : asked.offset + asked.limit]
        return {"rules": kept_answers(engine, page), "total": len(kept)}

    return json_response(await service_of(request).operate(job))


@router.get(
    "/v1/rules/history",
    operation_id="rules_history",
    summary="Who changed which rule",
    response_model=HistoryAnswer,
    responses=problems(401, 403, 422, 500, 503),
    openapi_extra=secured(described(HistoryQuery)),
)
async def history(request: Request) -> Response:
    """List the changes of all rules, newest first, each with the rule before and after it. Scope write."""
    return await _history(request, None)


@router.post(
    "/v1/rules/preview",
    operation_id="preview_rule",
    summary="See what a rule would do",
    response_model=RulePreviewAnswer,
    responses=problems(401, 403, 413, 422, 500, 503),
    openapi_extra=secured(),
)
async def preview_rule(request: Request, body: Annotated[RulePreviewBody, Body()]) -> Response:
    """Show a list as it is and as a rule in force would make it; nothing is kept. Scope write."""
    read_query(NoQuery, request.query_params)
    rule = rule_of(body.rule, body.rule.id or UNNAMED)

    def job(engine: Engine) -> RulePreview:
        return preview(
            engine.searcher,
            engine.index,
            engine.rules.current(),
            rule,
            query=body.q,
            article_id=body.article_id,
            limit=body.limit,
            mode=body.mode,
            now=time.time(),
        )

    return json_response(preview_answer(await service_of(request).for_editors(job, request)))


@router.get(
    "/v1/rules/{rule_id}",
    operation_id="rule",
    summary="One rule",
    response_model=RuleAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    openapi_extra=secured(),
)
async def rule(request: Request, rule_id: RuleId) -> Response:
    """Show a rule with its state and what it names that is gone. Scope write."""
    read_query(NoQuery, request.query_params)
    found = await service_of(request).operate(
        lambda engine: kept_answers(engine, [engine.rules.get(rule_id)])[0]
    )
    return json_response(found)


@router.put(
    "/v1/rules/{rule_id}",
    operation_id="put_rule",
    summary="Make or replace a rule",
    response_model=RuleAnswer,
    responses={
        201: {"model": RuleAnswer, "description": "It is new."},
        **problems(401, 403, 413, 422, 500, 503, 507),
    },
    openapi_extra=secured(),
)
async def put_rule(request: Request, rule_id: RuleId, body: Annotated[RuleBody, Body()]) -> Response:
    """Keep a rule: it is durable, and every search knows it, when this answers. Scope write.

    It takes the place of the one with this id, whole: what is left out has its default.
    """
    read_query(NoQuery, request.query_params)
    made = rule_of(body, rule_id)
    by = who(request)

    def job(engine: Engine) -> tuple[Json, bool]:
        kept, new = engine.rules.put(made, by)
        return kept_answers(engine, [kept])[0], new

    answer, new = await service_of(request).operate(job)
    response = json_response(answer)
    response.status_code = 201 if new else 200
    return response


@router.delete(
    "/v1/rules/{rule_id}",
    operation_id="delete_rule",
    summary="Delete a rule",
    response_model=RuleChangeAnswer,
    responses=problems(401, 403, 404, 422, 500, 503, 507),
    openapi_extra=secured(),
)
async def delete_rule(request: Request, rule_id: RuleId) -> Response:
    """Delete a rule; its history stays, and it can be put back. Scope write."""
    read_query(NoQuery, request.query_params)
    by = who(request)
    found = await service_of(request).operate(lambda engine: engine.rules.delete(rule_id, by))
    return json_response(change_record(found))


@router.get(
    "/v1/rules/{rule_id}/history",
    operation_id="rule_history",
    summary="Who changed a rule",
    response_model=HistoryAnswer,
    responses=problems(401, 403, 404, 422, 500, 503),
    openapi_extra=secured(described(HistoryQuery)),
)
async def rule_history(request: Request, rule_id: RuleId) -> Response:
    """List the changes of a rule, newest first; those of a deleted one too. Scope write."""
    return await _history(request, rule_id)


@router.post(
    "/v1/rules/{rule_id}/restore",
    operation_id="restore_rule",
    summary="Put back a version of a rule",
    response_model=RuleAnswer,
    responses=problems(401, 403, 404, 413, 422, 500, 503, 507),
    openapi_extra=secured(),
)
async def restore_rule(request: Request, rule_id: RuleId, body: Annotated[RestoreBody, Body()]) -> Response:
    """Put back what a change of the history made, or what it deleted: a change as any other. Scope write."""
    read_query(NoQuery, request.query_params)
    by = who(request)

    def job(engine: Engine) -> Json:
        return kept_answers(engine, [engine.rules.restore(rule_id, body.change, by)])[0]

    return json_response(await service_of(request).operate(job))


async def _history(request: Request, rule_id: str | None) -> Response:
    asked = read_query(HistoryQuery, request.query_params)
    found = await service_of(request).operate(
        lambda engine: engine.rules.history(rule_id, limit=asked.limit, before=asked.before)
    )
    return json_response({"changes": [change_record(one) for one in found], "kept": MAX_HISTORY})
