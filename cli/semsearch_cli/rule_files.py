"""Rules in JSON files, as `semsearch rules put` takes them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from semsearch.errors import InputError

if TYPE_CHECKING:
    from semsearch.rules import Rule


def rules_in(file: str) -> list[Rule]:
    """The rules of a file, or of standard input (-); raises InputError naming the first that is wrong."""
    return [_checked(one, number) for number, one in enumerate(_records(file), 1)]


def _records(file: str) -> list[Any]:
    text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    try:
        found = json.loads(text)
    except ValueError as exc:
        raise InputError(f"{file} is not JSON ({exc}); give a rule or a list of rules") from exc
    return found if isinstance(found, list) else [found]


def _checked(record: object, number: int) -> Rule:
    """One rule of a file; raises InputError with its number and each field at fault."""
    from pydantic import ValidationError

    from semsearch.service.errors import validation_detail
    from semsearch.service.reading import in_query
    from semsearch.service.rules_convert import ANSWERED, rule_of
    from semsearch.service.schemas_rules import RuleBody

    try:
        if isinstance(record, dict):
            record = {name: value for name, value in record.items() if name not in ANSWERED}
        body = RuleBody.model_validate(record)
        return rule_of(body, body.id or "")
    except ValidationError as exc:
        detail = validation_detail(in_query(exc))
        words = "; ".join(f"{one['field']}: {one['problem']}" for one in detail)
        raise InputError(f"rule {number} of the file: {words}") from exc
    except InputError as exc:
        raise InputError(f"rule {number} of the file: {exc}") from exc
