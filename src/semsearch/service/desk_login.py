"""Signing in to the desk with a key, and out again."""

from __future__ import annotations

import anyio
from fastapi import Request
from fastapi.responses import Response

from semsearch.errors import AccessDenied
from semsearch.service.desk import (
    COOKIE,
    COOKIE_SECONDS,
    HOME,
    SIGN_IN,
    Desk,
    desk_router,
    page_of,
    read_form,
    redirect,
)
from semsearch.service.rates import client_of
from semsearch.service.state import service_of

WRONG_SECONDS = 0.5  # before the answer to a wrong key: 256 random bits need no counting of tries

router = desk_router()


@router.get(SIGN_IN)
async def form(request: Request) -> Response:
    """The form that takes a key."""
    given = request.query_params
    words = "Your key opens nothing here any more. Sign in with another." if "out" in given else ""
    return _page(request, 200, path_within(given.get("next", "")), words)


@router.post(SIGN_IN)
async def sign_in(request: Request) -> Response:
    """Take a key; what is wrong with it is told, and what was typed is not shown again."""
    sent = await read_form(request)
    seconds = request.app.state.rates.login.wait(client_of(request))
    if seconds:
        words = f"Too many tries to sign in from your address. Try again in {seconds} seconds."
        response = _page(request, 429, path_within(sent.get("next")), words)
        response.headers["Retry-After"] = str(seconds)
        return response
    path, key = path_within(sent.get("next")), sent.get("key")
    try:
        service_of(request).keys.check(key, "write")
    except AccessDenied as error:
        await anyio.sleep(WRONG_SECONDS)
        return _page(request, 403, path, str(error) if key else "Give a key.")
    response = redirect(path)
    response.set_cookie(
        COOKIE,
        key,
        max_age=COOKIE_SECONDS,
        path=HOME,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


@router.post("/desk/sign-out")
async def sign_out(desk: Desk) -> Response:
    """Forget the key in this browser; it still opens the desk to whoever knows it, until it is revoked."""
    await desk.form()
    response = redirect(f"{SIGN_IN}?said=signed-out")
    response.delete_cookie(COOKIE, path=HOME)
    return response


def path_within(text: str) -> str:
    """A path under the desk to go on to; the home of the desk for anything else."""
    inside = text == HOME or text.startswith((f"{HOME}/", f"{HOME}?"))
    usable = text.isprintable() and "\\" not in text and not text.startswith((SIGN_IN, "/desk/sign-out"))
    return text if inside and usable and text.isascii() else HOME


def _page(request: Request, status: int, path: str, words: str) -> Response:
    known = service_of(request).keys.keys()
    return page_of(
        request,
        "desk_sign_in.html",
        status,
        desk=None,
        said="You are signed out." if request.query_params.get("said") == "signed-out" else None,
        path=path,
        words=words,
        keys=any(key.state() == "usable" and key.covers("write") for key in known),
        elsewhere=request.headers.get("sec-fetch-site") == "cross-site",
    )
