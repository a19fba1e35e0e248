"""Rebuilds for the service: in a process of its own and of low priority, so that readers do not feel them.

A rebuild in a thread of the service would share Python's one lock with the searches; measured on two busy
cores, searches then took twice as long, against a tenth more beside a process of low priority.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any

from semsearch.errors import EncoderMismatch, SemsearchError

if TYPE_CHECKING:
    from semsearch.encoder.protocol import EncoderInfo
    from semsearch.engine import Engine
    from semsearch.indexing.progress import OnProgress, Progress
    from semsearch.service.background import Stop, Work
    from semsearch.service.tasks import Record
    from semsearch.settings import Settings

NICE = 10  # of the process that builds
KEEP = "SEMSEARCH_REBUILD_KEEP"
FRESH = "SEMSEARCH_REBUILD_FRESH"
FINGERPRINT = "SEMSEARCH_REBUILD_FINGERPRINT"  # of the encoder that the service searches with
POLL_SECONDS = 0.2
END_SECONDS = 5.0  # for a process that was told to end; a build can be killed at any instant


def rebuild(
    engine: Engine, keep: int | None, on_progress: OnProgress, *, fresh: bool = False
) -> dict[str, object]:
    """Build from the live articles, publish, remove old generations; the figures as a task tells them."""
    report = engine.build([], fresh=fresh, on_progress=on_progress)
    if keep is not None:
        with engine.index.snapshot():
            pass  # go over now, so that the old generation is not held by this process
    return {
        "generation": report.generation,
        "articles": report.articles,
        "passages": report.passages,
        "embedded": report.embedded,
        "reused": report.reused,
        "seconds": round(report.seconds, 3),
        "same_as": report.same_as,
        "notes": list(report.notes),
        "removed": engine.prune(keep) if keep is not None else [],
    }


def in_thread(engine: Engine, keep: int | None, *, fresh: bool = False) -> Work:
    """The work of a rebuild with an engine that was given; it stops at its next word of progress."""

    def work(record: Record, stop: Stop) -> Mapping[str, object]:
        def heard(progress: Progress) -> None:
            stop()
            record.tell(progress.stage, progress.done, progress.total, progress.note)

        return rebuild(engine, keep, heard, fresh=fresh)

    return work


def in_process(settings: Settings, engine: Engine, keep: int | None, *, fresh: bool = False) -> Work:
    """The work of a rebuild in a process of its own, which ends at once when the service stops."""
    from semsearch.service.serve import settings_environ

    def work(record: Record, stop: Stop) -> Mapping[str, object]:
        environ = {
            **os.environ,
            **settings_environ(settings),
            KEEP: str(keep or 0),
            FRESH: str(int(fresh)),
            FINGERPRINT: engine.encoder.info.fingerprint,
        }
        with engine.index.snapshot():
            pass  # an idle worker must not hold a generation that is to be removed
        return follow([sys.executable, "-m", "semsearch.service.rebuilding"], environ, record, stop)

    return work


def follow(
    command: list[str], environ: Mapping[str, str], record: Record, stop: Stop
) -> Mapping[str, object]:
    """Run a process that tells progress, and at last a result or an error, as lines of JSON.

    Raises its error, Stopped, or SemsearchError when it ended without a word.
    """
    with subprocess.Popen(command, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            for said in _lines(process.stdout, stop):
                if "progress" in said:
                    record.tell(**said["progress"])
                elif "result" in said:
                    return dict(said["result"])
                elif "error" in said:
                    raise _error(said["error"]["code"], said["error"]["message"])
        finally:
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
    raise SemsearchError(f"the process that built ended early (exit {process.returncode}); see the log")


def _lines(stream: IO[bytes], stop: Stop) -> Iterator[dict[str, Any]]:
    """What a process says, until it ends; libraries may print other things between."""
    held = b""
    with selectors.DefaultSelector() as ready:
        ready.register(stream, selectors.EVENT_READ)
        while True:
            stop()
            if not ready.select(POLL_SECONDS):
                continue
            piece = os.read(stream.fileno(), 65_536)
            if not piece:
                return
            *lines, held = (held + piece).split(b"\n")
            for line in lines:
                with contextlib.suppress(ValueError):
                    said = json.loads(line)
                    if isinstance(said, dict):
                        yield said


def _error(code: str, message: str) -> SemsearchError:
    from semsearch.service.errors import STATUS, code_of

    kinds = {code_of(kind): kind for kind in STATUS}
    return kinds.get(code, SemsearchError)(message)


def check_fingerprint(found: EncoderInfo, wanted: str) -> None:
    """Raise EncoderMismatch unless the encoder is the one that the service searches with.

    After an upgrade under a running service it is another, and what it builds could not be searched.
    """
    if wanted and found.fingerprint != wanted:
        raise EncoderMismatch(
            f"the service searches with encoder {wanted[:12]}, what is installed now is '{found.name}' "
            f"({found.fingerprint[:12]}); restart the service, then rebuild"
        )


def main() -> int:
    """Rebuild the index of the settings in the environment."""
    from semsearch.engine import Engine
    from semsearch.settings import load_settings

    os.nice(NICE)

    def say(**said: object) -> None:
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()

    def heard(progress: Progress) -> None:
        words = {"stage": progress.stage, "done": progress.done, "total": progress.total}
        say(progress={**words, "note": progress.note})

    engine = Engine(load_settings())
    try:
        check_fingerprint(engine.encoder_info, os.environ.get(FINGERPRINT, ""))
        keep, fresh = int(os.environ.get(KEEP, "0")) or None, os.environ.get(FRESH) == "1"
        say(result=rebuild(engine, keep, heard, fresh=fresh))
    except SemsearchError as error:
        from semsearch.service.errors import code_of

        say(error={"code": code_of(type(error)), "message": str(error)})
        return 1
    finally:
        engine.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
