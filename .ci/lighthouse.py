"""`make lighthouse`: Google's Lighthouse, as on a phone, on the pages that visitors land on.

Serves this machine's store as production does (DEBUG off, hashed and compressed files; granian, for it hands out the
pictures, too, as the proxy does) and
fails below the marks that docs/performance.md promises. Pages given as arguments are looked at instead.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PYTHON = str(TOP / ".venv" / "bin" / "python")
LIGHTHOUSE = TOP / "node_modules" / ".bin" / "lighthouse"
MARKS = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run"
    " --disable-background-networking --disable-component-update --disable-sync"
)
SAMPLE = """
from marketplace.products.models import Category, Product
product = Product.objects.filter(status="live", discounts__isnull=False).order_by("pk").first()
product = product or Product.objects.filter(status="live").order_by("pk").first()
category = product.category
print(f"/c/{category.slug}/ /p/{product.slug}/")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def manage(*arguments: str, environ: dict[str, str]) -> str:
    command = [PYTHON, "manage.py", *arguments]
    return subprocess.run(command, cwd=TOP, env=environ, check=True, stdout=subprocess.PIPE, text=True).stdout


def wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit(f"{url} does not answer.")


def look_at(url: str, folder: Path, browser: str) -> dict:
    report = folder / "report.json"
    subprocess.run(
        [
            str(LIGHTHOUSE),
            url,
            "--quiet",
            "--output=json",
            f"--output-path={report}",
            f"--chrome-flags={FLAGS}",
        ],
        cwd=TOP,
        env={**os.environ, "CHROME_PATH": browser},
        check=True,
    )
    return json.loads(report.read_text())


def main() -> None:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser or not LIGHTHOUSE.exists():
        sys.exit("Lighthouse needs Chrome or Chromium, and npm's tools (Node.js 20).")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media = os.environ.get("MEDIA_ROOT", str(TOP / "var" / "media"))
        Path(media).mkdir(parents=True, exist_ok=True)
        environ = {
            **os.environ,
            "DEBUG": "false",
            "DATABASE_URL": os.environ.get("DATABASE_URL", f"sqlite:///{TOP / 'var' / 'store.sqlite3'}"),
            "SECURE_SSL_REDIRECT": "false",
            "COMPRESS_PAGES": "true",
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": media,
            "LOG_LEVEL": "ERROR",
        }
        manage("migrate", "-v0", environ=environ)
        manage("demo", "--really", "--really", "-v0", environ=environ)
        manage("collectstatic", "--noinput", "-v0", environ=environ)
        sample = manage("shell", "-v0", "-c", SAMPLE, environ=environ).split()
        port = free_port()
        server = subprocess.Popen(
            [
                *(PYTHON, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"),
                *("--blocking-threads", "4", "--log-level", "error"),
                *("--static-path-route", "/media", "--static-path-mount", media),
                "site_config.wsgi:application",
            ],
            cwd=TOP,
            env=environ,
        )
        try:
            wait_for(f"http://localhost:{port}/healthz")
            missed = False
            print(f"{'':42}" + "".join(f"{mark:>16}" for mark in MARKS) + "     LCP    TBT    CLS")
            for path in sys.argv[1:] or ["/", *sample]:
                found = look_at(f"http://localhost:{port}{path}", folder, browser)
                scores = {mark: round(found["categories"][mark]["score"] * 100) for mark in MARKS}
                audits = found["audits"]
                times = [
                    audits[name]["displayValue"].replace("\u00a0", "")
                    for name in ("largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift")
                ]
                print(
                    f"{path:42}" + "".join(f"{scores[mark]:>16}" for mark in MARKS) + "   " + "  ".join(times)
                )
                for mark, least in MARKS.items():
                    if scores[mark] < least:
                        missed = True
                        tell(found, mark)
            sys.exit(missed)
        finally:
            server.terminate()
            server.wait()


def tell(found: dict, mark: str) -> None:
    """What cost points, and where."""
    for reference in found["categories"][mark]["auditRefs"]:
        audit = found["audits"][reference["id"]]
        if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
            print(f"    {mark}: {audit['title']} {audit.get('displayValue', '')}")
            for item in audit.get("details", {}).get("items", [])[:5]:
                node = item.get("node", {}).get("snippet") or item.get("url") or item.get("description") or ""
                print(f"        {str(node)[:160]}")


main()
