"""`semsearch keys`: the keys that programs show to the service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from semsearch_cli.common import IndexesFolder, IndexName, OutputFormat, find_settings
from semsearch_cli.output import iso, say, show, show_json, table, tell

if TYPE_CHECKING:
    from semsearch.keys import Key, KeyFile

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke the keys of the service.")

ScopeName = Literal["search", "write", "admin"]


@app.command("create")
def create(
    scope: Annotated[
        ScopeName,
        typer.Option("--scope", help="search: read; write: also change articles; admin: also the index."),
    ],
    expires: Annotated[
        str | None,
        typer.Option(
            "--expires", metavar="SPAN|DATE", help="When it ends: 90d, 12h, 4w or a date (UTC); else never."
        ),
    ] = None,
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What it is for.")] = "",
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Make a key and show it once; it holds for every index of the folder, and at once.

    Only a hash of the key is kept: who loses it makes another one.

    Examples:
      semsearch keys create --scope write --name "CMS" --expires 90d
      semsearch keys create --scope admin
    """
    from semsearch.keys import parse_expiry

    expires_at = parse_expiry(expires) if expires is not None else None
    key, text = _file(index, indexes).create(scope, name=name, expires_at=expires_at)
    if output == "json":
        show_json({"key": text, **_shown(key)})
        return
    until = f"until {iso(key.expires_at)}" if key.expires_at else "without end"
    tell(f"Key {key.id}, scope {key.scope}, {until}. It is shown this once; keep it safe:")
    say(text)


@app.command("list")
def list_keys(index: IndexName = None, indexes: IndexesFolder = None, output: OutputFormat = "table") -> None:
    """List all keys, oldest first: never the keys themselves, which are kept nowhere.

    Example:
      semsearch keys list
    """
    keys = _file(index, indexes).keys()
    if output == "json":
        show_json([_shown(key) for key in keys])
        return
    if not keys:
        tell("There are no keys; make one with: semsearch keys create --scope write")
        return
    rows = [(one.id, one.name, one.scope, one.state(), one.created_at, one.expires_at) for one in keys]
    show(table(["id", "name", "scope", "state", "made", "ends"], rows))


@app.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a key, as the list shows it.")],
    index: IndexName = None,
    indexes: IndexesFolder = None,
    output: OutputFormat = "table",
) -> None:
    """Make a key useless for good; a running service refuses it from the next request on.

    Example:
      semsearch keys revoke 1f2e3d4c
    """
    key = _file(index, indexes).revoke(key_id)
    if output == "json":
        show_json(_shown(key))
    else:
        say(f"Key {key.id} is revoked.")


def _file(index: str | None, indexes: Path | None) -> KeyFile:
    from semsearch.keys import KeyFile

    return KeyFile(find_settings(index, indexes).indexes)


def _shown(key: Key) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scope": key.scope,
        "state": key.state(),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
