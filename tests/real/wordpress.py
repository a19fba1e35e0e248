"""A real WordPress on loopback: MariaDB and PHP's own web server over a copy of a core, all in one folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from semsearch.service.listening import listen

HERE = Path(__file__).resolve().parent
PLUGIN = HERE.parents[1] / "integrations" / "wordpress" / "semsearch"
DEBIAN = Path("/usr/share/wordpress")  # where Debian's package puts the core
NEEDED = ("mariadbd", "mariadb-install-db", "php")
_CONFIG = """<?php
define('DB_NAME', 'wp'); define('DB_USER', 'root'); define('DB_PASSWORD', ''); define('DB_HOST', 'localhost:{socket}');
define('DB_CHARSET', 'utf8mb4'); define('WP_HOME', '{url}'); define('WP_SITEURL', WP_HOME);
define('WP_ENVIRONMENT_TYPE', 'local'); define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HTTP_BLOCK_EXTERNAL', true); define('WP_ACCESSIBLE_HOSTS', '127.0.0.1');
define('DISABLE_WP_CRON', true); define('WP_DEBUG', true); define('WP_DEBUG_LOG', '{log}'); define('WP_DEBUG_DISPLAY', false);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""  # noqa: E501 - one thing a line
_ROUTER = """<?php
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?? '/');
$file = rtrim($_SERVER['DOCUMENT_ROOT'] . $path, '/');
if (is_file($file) || ($path !== '/' && is_file("$file/index.php"))) return false;
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
"""


def newest(cache: Path) -> Path:
    """The newest core that Debian has, fetched once: of the suite sid, or of trixie where sid has none."""
    script = HERE / "fetch_wordpress.sh"
    said = ""
    for suite in ("sid", "trixie"):
        done = subprocess.run(
            [script, suite, cache / suite], capture_output=True, text=True, check=False, timeout=500
        )
        if done.returncode == 0:
            return cache / suite
        said += done.stderr[-500:]
    raise AssertionError(f"no newer WordPress could be fetched: {said}")


def missing(core: Path) -> str:
    """What this machine lacks to run it, "" for nothing."""
    path = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    lacking = [name for name in NEEDED if shutil.which(name, path=path) is None]
    if not (core / "wp-load.php").is_file():
        lacking.append(f"a core at {core}")
    return ", ".join(lacking)


class WordPress:
    """One site; ``do`` runs a command of wordpress_tool.php inside of it. A context manager."""

    def __init__(self, folder: Path, core: Path = DEBIAN) -> None:
        self.folder = folder
        self.site = folder / "site"
        self._core = core
        self._processes: list[subprocess.Popen[bytes]] = []
        listener = listen("127.0.0.1", 0)
        self.port = int(listener.getsockname()[1])
        listener.close()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> WordPress:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def do(self, command: str, **values: Any) -> Any:
        """What a command of the tool answers."""
        done = subprocess.run(
            ["php", "-d", "display_errors=stderr", HERE / "wordpress_tool.php", self.site, self.url],
            input=json.dumps({"do": command, **values}),
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-3000:]
        return json.loads(done.stdout)

    def get(self, path: str) -> bytes:
        """The body of a page of the site."""
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def log(self) -> str:
        """What WordPress logged, with the warnings of our plugin, if there are any."""
        file = self.folder / "debug.log"
        return file.read_text("utf-8", "replace") if file.is_file() else ""

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self._core, self.site)  # follows links: Debian links themes, scripts and libraries
        for name in ("uploads", "mu-plugins"):
            (self.site / "wp-content" / name).mkdir(exist_ok=True)
        shutil.copytree(PLUGIN, self.site / "wp-content" / "plugins" / "semsearch")
        (self.site / "wp-content" / "mu-plugins" / "types.php").write_text(
            "<?php add_action('init', function () { register_post_type('event', ['public' => true, "
            "'show_in_rest' => true, 'label' => 'Events']); });"
        )
        theme = self.site / "wp-content" / "themes" / "plain"
        theme.mkdir()
        (theme / "style.css").write_text("/* Theme Name: Plain */")
        (theme / "index.php").write_text(
            "<?php while (have_posts()) { the_post(); echo '<i>'; the_excerpt(); echo '</i>';"
            " the_content(); }"
        )
        (self.folder / "router.php").write_text(_ROUTER)
        socket = self._start_database()
        values = {"socket": socket, "url": self.url, "log": self.folder / "debug.log"}
        config = _CONFIG
        for name, value in values.items():
            config = config.replace(f"{{{name}}}", str(value))
        (self.site / "wp-config.php").unlink(missing_ok=True)  # Debian's is a link
        (self.site / "wp-config.php").write_text(config)
        self.do("install")
        self._run(
            ["php", "-S", f"127.0.0.1:{self.port}", "-t", self.site, self.folder / "router.php"],
            "php.log", PHP_CLI_SERVER_WORKERS="4",
        )  # fmt: skip
        self._wait(lambda: b"[" in self.get("/wp-json/wp/v2/posts"), "WordPress does not answer; see php.log")

    def _start_database(self) -> Path:
        data, socket = self.folder / "db", self.folder / "s"
        user = f"--user={subprocess.check_output(['id', '-un'], text=True).strip()}"
        subprocess.run(
            [self._program("mariadb-install-db"), "--no-defaults", user, f"--datadir={data}",
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        self._run(
            [self._program("mariadbd"), "--no-defaults", user, f"--datadir={data}", f"--socket={socket}",
             f"--pid-file={self.folder / 'mariadbd.pid'}", "--skip-networking",
             "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"],
            "db.log",
        )  # fmt: skip
        make = ["mariadb", "--no-defaults", "-uroot", "-S", str(socket),
                "-e", "CREATE DATABASE wp CHARACTER SET utf8mb4"]  # fmt: skip
        self._wait(
            lambda: subprocess.run(make, check=False, capture_output=True, timeout=30).returncode == 0,
            "the database does not answer; see db.log",
        )
        return socket

    def _program(self, name: str) -> str:
        return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin") or name

    def _run(self, command: list[Any], log: str, **environment: str) -> None:
        with (self.folder / log).open("wb") as out:
            process = subprocess.Popen(
                list(map(str, command)),
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self._processes.append(process)

    def _wait(self, is_ready: Any, problem: str) -> None:
        deadline = time.monotonic() + 60
        while True:
            assert all(one.poll() is None for one in self._processes), problem
            try:
                if is_ready():
                    return
            except OSError:
                pass
            assert time.monotonic() < deadline, problem
            time.sleep(0.1)

    def _stop(self) -> None:
        for process in reversed(self._processes):  # each leads a group of its own: PHP has workers
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)
