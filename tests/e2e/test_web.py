# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""The pages of vtctld in a browser, on a real cluster. TESSERA_WEB_IMAGES=FOLDER keeps what they look like."""

import base64
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from conftest import ROOT, binary, running, spec, until

sys.path.insert(0, str(ROOT / ".cache" / "python"))
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is missing: tools/deps/install installs it")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
IMAGES = os.environ.get("TESSERA_WEB_IMAGES")  # a folder that gets pictures of the pages
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is missing: tools/deps/install installs it")


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def topology_of(machine):
    return ["--topo-implementation=etcd2", f"--topo-global-server-address=127.0.0.1:{machine.base + 50}", "--topo-global-root=/vitess/global"]


class Vtctld:
    """A vtctld on a cluster's topology."""

    def __init__(self, machine, *flags):
        self.port, grpc = free_ports(2)
        self.log = machine.folder / f"vtctld-{self.port}.log"
        self.out = open(self.log, "w")
        self.process = subprocess.Popen(
            [binary("vtctld"), *topology_of(machine), f"--port={self.port}", f"--grpc-port={grpc}", "--cell=zone1", *flags],
            stdout=self.out, stderr=subprocess.STDOUT)
        self.url = f"http://127.0.0.1:{self.port}"
        until("vtctld listens", self._listens)

    def _listens(self):
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True

    def stop(self):
        """Ends it as an operator does; open event streams must not hold it up."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout=20)
        finally:
            self.process.kill()
            self.out.close()
        assert status == 0, self.log.read_text()[-4000:]

    def ask(self, path, body=None, **headers):
        """Status and text of an answer, asked without a browser."""
        request = urllib.request.Request(self.url + path, data=None if body is None else json.dumps(body).encode())
        if body is not None:
            headers = {"Content-Type": "application/json", "X-Tessera": "1", **headers}
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()


@pytest.fixture(scope="module")
def cluster():
    with running(spec(topology="etcd", replicas=2)) as machine:
        yield machine


@pytest.fixture(scope="module")
def vtctld(cluster):
    server = Vtctld(cluster)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


class Tab:
    """A tab that notes what its pages complain of."""

    def __init__(self, browser, server, **options):
        self.context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 800}, base_url=server.url, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message):
        # A call that was refused is also told by the page, which is what the tests look at.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path, *texts):
        self.page.goto(path)
        for text in texts:
            self.page.get_by_text(text).first.wait_for()
        return self.page

    def picture(self, name):
        if IMAGES:
            self.page.screenshot(path=str(pathlib.Path(IMAGES) / f"{name}.png"), full_page=False)


@pytest.fixture
def tab(browser, vtctld):
    made = Tab(browser, vtctld, color_scheme="light")
    yield made
    made.context.close()
    assert made.complaints == []


def serving(page, count):
    """Waits until so many tablets serve."""
    page.wait_for_function("count => document.querySelectorAll('.tablets .state.ok').length === count", arg=count)


def test_the_cluster(tab):
    page = tab.open("/", "tablets serve")
    serving(page, 7)
    assert page.title() == "Cluster · Tessera"
    assert re.search(r"2 keyspaces\s*3 shards\s*7 of 7 tablets serve", page.locator(".summary").inner_text())
    assert page.locator(".problems").count() == 0
    tab.picture("cluster")
    page.get_by_role("link", name="app", exact=True).click()
    page.get_by_role("heading", name="Keyspace app").wait_for()
    assert page.url.endswith("/keyspace/app")
    assert "xxhash" in page.get_by_label("Tables by the VSchema").inner_text()
    page.go_back()
    page.get_by_role("heading", name="Cluster").wait_for()


def test_a_shard_is_drawn(tab):
    page = tab.open("/shard/app/-80", "Replication")
    page.locator(".graph .node.ok").nth(2).wait_for()
    assert page.locator(".graph .link").count() == 2
    page.locator(".graph .link.ok").nth(1).wait_for()
    tab.picture("shard")
    page.locator(".graph a[aria-label^=primary]").click()
    page.get_by_role("heading", name="Tablet").wait_for()
    assert "/tablet/zone1-" in page.url


def test_a_tablet_is_asked(tab):
    page = tab.open("/tablet/zone1-0000000100", "Record", "Actions")
    page.locator(".state.ok", has_text="serving").first.wait_for()
    page.get_by_role("button", name="Ping").click()
    # It answers, or the page says why not: a tablet may be older than what it is asked.
    page.locator(".outcome .done, .outcome .notice").wait_for()
    assert re.search(r"Ping: It answered|UNIMPLEMENTED|UNKNOWN", page.locator(".outcome").inner_text())
    page.get_by_role("button", name="Refresh state").click()
    page.get_by_role("button", name="Leave it").click()
    assert page.locator("dialog").count() == 0
    # What the tablet tells, or that it does not: never nothing.
    page.get_by_label("Full status of its server").locator("pre, .notice").first.wait_for()
    tab.picture("tablet")


def test_the_topology_and_the_versions_of_a_record(tab, vtctld):
    page = tab.open("/topology/global/keyspaces/app/Keyspace", "watched", "One version has been seen")
    assert "durability_policy" in page.locator("pre").inner_text()
    status, text = vtctld.ask("/api/vtctld/SetKeyspaceDurabilityPolicy", {"keyspace": "app", "durability_policy": "semi_sync"})
    assert status == 200, text
    page.locator(".diff .added", has_text="semi_sync").wait_for()
    assert page.locator(".history li").count() == 2
    tab.picture("topology")
    page.get_by_label("Topology").get_by_role("link", name="VSchema", exact=True).click()
    page.get_by_role("heading", name="VSchema").first.wait_for()
    page.locator("pre", has_text="by_hash").wait_for()
    tab.open("/topology/nowhere", "cannot be shown")


def test_a_vschema_is_checked_and_applied(tab, cluster):
    page = tab.open("/keyspace/app/vschema", "by_hash")
    tab.picture("vschema")
    page.get_by_role("button", name="Edit").click()
    editor = page.get_by_label("VSchema in JSON")
    good = json.loads(editor.input_value())
    apply = page.get_by_role("button", name="Apply…")

    def checked(value):
        editor.fill(value if isinstance(value, str) else json.dumps(value, indent=2))
        page.get_by_role("button", name="Check").click()

    for bad, complaint in (("{", "This is no JSON"), ({**good, "shraded": True}, "shraded"),
                           ({**good, "vindexes": {"by_hash": {"type": "none_such"}}}, "none_such")):
        checked(bad)
        page.locator(".notice", has_text=complaint).wait_for()
        assert apply.is_disabled()
    good["tables"]["orders"] = {"column_vindexes": [{"column": "user_id", "name": "by_hash"}]}
    checked(good)
    page.locator(".diff .added", has_text="orders").wait_for()
    assert page.locator(".diff .removed").count() == 0
    page.get_by_label("What would change").scroll_into_view_if_needed()
    tab.picture("vschema-check")
    apply.click()
    page.locator("dialog").get_by_role("button", name="Apply").click()
    page.get_by_text("The VSchema was applied").wait_for()
    page.locator("pre", has_text='"orders"').wait_for()
    cluster.query("create table orders (id bigint primary key, user_id bigint)")
    until("gates route by it", lambda: _routes(cluster))


def _routes(cluster):
    with contextlib.suppress(Exception):
        cluster.query("insert into orders (id, user_id) values (1, 1)")
        return True


def test_the_schema_of_a_tablet(tab):
    page = tab.open("/keyspace/app/schema", "As it is on")
    # Tables with their columns, or why the tablet does not tell them.
    page.locator(".split, .notice").first.wait_for()
    if page.locator(".notice").count() == 0:
        page.get_by_label("Tables").get_by_role("link", name="users").click()
        page.get_by_label("Create statement").filter(has_text="CREATE TABLE").wait_for()
    tab.picture("schema")


def test_search_from_the_keyboard(tab):
    page = tab.open("/", "tablets serve")
    page.keyboard.press("/")
    page.keyboard.type("users")
    page.locator(".results a").first.wait_for()
    assert "/search?q=users" in page.url
    assert "users" in page.locator(".results a").first.inner_text()
    tab.picture("search")
    page.get_by_role("searchbox").fill("zone1-0000000100")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Tablet zone1-0000000100").wait_for()


def test_dark_and_light(browser, vtctld):
    tab = Tab(browser, vtctld, color_scheme="dark")
    page = tab.open("/shard/app/-80", "Replication")
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(20, 24, 27)"
    page.locator(".graph .link.ok").first.wait_for()
    tab.picture("shard-dark")
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(colour) == "rgb(245, 246, 247)"
    page.reload()
    assert page.evaluate(colour) == "rgb(245, 246, 247)"
    assert tab.complaints == []
    tab.context.close()


def test_on_a_phone(browser, vtctld):
    tab = Tab(browser, vtctld, color_scheme="light")
    tab.page.set_viewport_size({"width": 390, "height": 844})
    for path, text in (("/", "tablets serve"), ("/keyspace/app/vschema", "by_hash"), ("/topology/global/keyspaces", "entries"),
                       ("/tablet/zone1-0000000100", "Actions"), ("/search?q=app", "found")):
        page = tab.open(path, text)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    serving(tab.open("/", "tablets serve"), 7)
    tab.picture("phone")
    tab.context.close()


# The contrast of what is written with what it is written on, as WCAG counts it.
CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || element.closest("svg, button:disabled, .unseen, noscript") || !element.checkVisibility()) continue;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) poor.push(`${element.className || element.tagName} "${element.textContent.trim().slice(0, 30)}" ${contrast.toFixed(2)}`);
  }
  return poor;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read_and_has_a_name(browser, vtctld, scheme):
    tab = Tab(browser, vtctld, color_scheme=scheme)
    for path, text in (("/", "tablets serve"), ("/keyspace/app", "Durability policy"), ("/shard/app/-80", "Positions"),
                       ("/keyspace/app/vschema", "by_hash"), ("/topology/global/keyspaces/app/Keyspace", "durability_policy"),
                       ("/search?q=app", "found"), ("/nothing/here", "no such page")):
        page = tab.open(path, text)
        assert page.evaluate(CONTRAST) == [], path
        assert page.locator("h1").count() == 1 and page.locator("main").count() == 1, path
        unnamed = page.locator("button, a, input, select, textarea").evaluate_all(
            "all => all.filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length)).map(e => e.outerHTML)")
        assert unnamed == [], path
    tab.context.close()


def test_a_tablet_that_dies_shows_at_once(tab, cluster):
    page = tab.open("/shard/app/80-", "Replication")
    page.locator(".graph .node.ok").nth(2).wait_for()
    replica = page.locator(".graph a[aria-label^=replica]").first.get_attribute("aria-label").split()[1].rstrip(":")
    supervisor = cluster.status()["supervisor"]
    pid = cluster.pid(f"vttablet-{replica.rsplit('-', 1)[0]}-{int(replica.rsplit('-', 1)[1])}")
    os.kill(supervisor, signal.SIGSTOP)  # so that nobody starts the tablet again before the page was looked at
    try:
        os.kill(pid, signal.SIGKILL)
        page.locator(".problems", has_text=replica).wait_for()
        page.locator(".graph .link.bad").first.wait_for()
        tab.picture("shard-broken")
    finally:
        os.kill(supervisor, signal.SIGCONT)
    # The supervisor brings it back, which shows as well.
    serving(page, 3)
    page.locator(".graph .link.ok").nth(1).wait_for()
    assert page.locator(".problems").count() == 0


def test_users_and_their_passwords(browser, cluster):
    hashed = subprocess.run([binary("vtctld"), "--web-hash-password"], input="open sesame\n", capture_output=True, text=True)
    users = cluster.folder / "users.json"
    users.write_text(json.dumps({"ada": hashed.stdout.strip()}))
    server = Vtctld(cluster, f"--web-auth-file={users}", "--web-read-only")
    try:
        assert server.ask("/")[0] == 401
        assert server.ask("/api/vtctld/GetKeyspaces", {})[0] == 401
        assert server.ask("/api/health/stream")[0] == 401
        right = "Basic " + base64.b64encode(b"ada:open sesame").decode()
        assert server.ask("/api/vtctld/GetKeyspaces", {}, Authorization=right)[0] == 200
        assert server.ask("/api/vtctld/GetKeyspaces", {}, Authorization=right, Host="evil.example")[0] == 403
        assert server.ask("/api/vtctld/CreateKeyspace", {"name": "x"}, Authorization=right)[0] == 403
        tab = Tab(browser, server, http_credentials={"username": "ada", "password": "open sesame"})
        page = tab.open("/keyspace/app/vschema", "by_hash", "read-only")
        assert page.get_by_role("button", name="Edit").count() == 0
        serving(tab.open("/", "tablets serve"), 7)
        assert tab.complaints == []
        tab.context.close()
        wrong = Tab(browser, server, http_credentials={"username": "ada", "password": "open barley"})
        assert wrong.page.goto("/").status == 401
        wrong.context.close()
        # A file that is wrong changes nothing; one without her shuts her out, and the server goes on.
        for text, status in (("{", 200), (json.dumps({"bob": hashed.stdout.strip()}), 401)):
            users.write_text(text)
            lines = server.log.read_text().count("users of the web pages")
            server.process.send_signal(signal.SIGHUP)
            until("the users were read", lambda lines=lines: server.log.read_text().count("users of the web pages") > lines)
            assert server.ask("/api/vtctld/GetKeyspaces", {}, Authorization=right)[0] == status
        bob = "Basic " + base64.b64encode(b"bob:open sesame").decode()
        assert server.ask("/api/vtctld/GetKeyspaces", {}, Authorization=bob)[0] == 200
    finally:
        server.stop()


def test_it_stops_at_once_though_somebody_listens(cluster):
    server = Vtctld(cluster)
    with urllib.request.urlopen(server.url + "/api/health/stream", timeout=30) as health, \
            urllib.request.urlopen(server.url + "/api/topology/watch?path=/global/keyspaces/app/Keyspace", timeout=30) as record:
        assert health.readline().startswith(b'data: {"all":true,"tablets":[')
        assert b"durability_policy" in record.readline()
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 5


def test_over_tls(cluster):
    key, cert = cluster.folder / "key.pem", cluster.folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], check=True, capture_output=True)
    server = Vtctld(cluster, f"--grpc-cert={cert}", f"--grpc-key={key}")
    try:
        trust = ssl.create_default_context(cafile=str(cert))
        with urllib.request.urlopen(f"https://127.0.0.1:{server.port}/", context=trust, timeout=30) as answer:
            assert b"<title>Tessera</title>" in answer.read()
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    finally:
        server.stop()


def test_without_its_pages_vtctld_says_so(cluster):
    empty = cluster.folder / "no-pages"
    empty.mkdir()
    done = subprocess.run([binary("vtctld"), *topology_of(cluster), "--grpc-port=0", "--port=0", f"--web-dir={empty}"],
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and "holds no index.html" in done.stderr
