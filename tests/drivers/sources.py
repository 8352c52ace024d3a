# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Where suites come from: Debian's packages and sources, the Go module proxy, npm and PyPI, kept in one cache folder.

Each function returns the folder of what was asked for, or raises Missing with one line that says what cannot be had."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

PYTHON = "/usr/bin/python3"
GO = next((path for path in ("/usr/local/go/bin/go", shutil.which("go")) if path and os.path.exists(path)), None)
FETCH_SECONDS = 300


class Missing(Exception):
    """A suite cannot be run here, and why."""


def need_packages(names):
    """All given Debian packages are installed."""
    absent = [name for name in names if subprocess.run(["dpkg-query", "-W", "-f", "${Status}", name], capture_output=True,
                                                       text=True).stdout != "install ok installed"]
    if absent:
        raise Missing("apt-get install --no-install-recommends " + " ".join(absent))


def need_program(name):
    path = shutil.which(name)
    if path is None:
        raise Missing(f"the program {name} is not installed")
    return path


def debian_source(cache, package):
    """The source of a Debian package, unpacked; from the upstream tarball alone when the rest is not served."""
    folder = cache / "debian" / package
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _apt_source(cache, folder, package)
        tarball = next((path for path in sorted(folder.iterdir()) if ".orig.tar" in path.name
                        and not path.name.endswith(".asc")), None)
        if tarball is None:
            raise Missing(f"apt-get source {package}: its tarball is not served here")
        with tarfile.open(tarball) as archive:
            archive.extractall(folder / "tree")
        done.touch()
    return _only_folder(folder / "tree")


def _apt_source(cache, folder, package):
    """Downloads what is served of a source package, with package lists of our own."""
    lists = cache / "apt"
    (lists / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    sources = lists / "sources.list"
    sources.write_text("".join(f"deb-src http://deb.debian.org/debian {suite} main\n"
                               for suite in ("bookworm", "bookworm-updates")))
    options = ["-o", f"Dir::Etc::sourcelist={sources}", "-o", "Dir::Etc::sourceparts=/dev/null",
               "-o", f"Dir::State::lists={lists}/lists"]
    if not list((lists / "lists").glob("*Sources*")):
        _run(["apt-get", *options, "update"], folder)
    _run(["apt-get", *options, "source", "--download-only", package], folder, check=False)


def go_module(cache, module, version):
    """A copy of a Go module that tests can be built in. Its dependencies come when it is built."""
    if GO is None:
        raise Missing("no Go compiler: https://go.dev/dl, or the package golang-go")
    folder = cache / "go" / f"{module.replace('/', '_')}@{version}"
    if not folder.exists():
        done = _run([GO, "mod", "download", "-json", f"{module}@{version}"], "/", env=go_environment(cache))
        shutil.copytree(json.loads(done.stdout)["Dir"], folder)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode | 0o200)
    return folder


def go_environment(cache):
    return {"GOMODCACHE": str(cache / "go" / "mod"), "GOFLAGS": "-mod=mod -modcacherw", "GO111MODULE": "on"}


def npm(cache, name, *packages):
    """A folder `name` with `node_modules` of the given packages (each NAME@VERSION)."""
    need_program("npm")
    folder = cache / "npm" / name
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}\n')
        _run(["npm", "install", "--no-audit", "--no-fund", *packages], folder)
    return folder


def pypi_source(cache, name, version):
    """The source distribution of a Python package, unpacked. Nothing of it is built."""
    folder = cache / "pypi" / f"{name}-{version}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _run([PYTHON, "-m", "pip", "download", "--no-binary", name, "--no-deps", f"{name}=={version}"], folder)
        tarball = next(iter(folder.glob("*.tar.gz")), None)
        if tarball is None:
            raise Missing(f"{name} {version} has no source on PyPI")
        with tarfile.open(tarball) as archive:
            archive.extractall(folder / "tree")
        (folder / "done").touch()
    return _only_folder(folder / "tree")


def pip(cache, name, *packages):
    """A folder `name` for PYTHONPATH with the given packages (each NAME==VERSION)."""
    folder = cache / "pip" / name
    if not folder.exists():
        _run([PYTHON, "-m", "pip", "install", "--target", folder.with_suffix(".new"), *packages], "/")
        folder.with_suffix(".new").rename(folder)
    return folder


class lock:
    """Only one runner at a time fills the cache."""

    def __init__(self, cache):
        cache.mkdir(parents=True, exist_ok=True)
        self._file = open(cache / "lock", "w")

    def __enter__(self):
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self._file.close()


def _only_folder(path):
    inner = list(pathlib.Path(path).iterdir())
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else pathlib.Path(path)


def _run(command, cwd, env=None, check=True):
    try:
        done = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True,
                              timeout=FETCH_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{command[0]}: {error}") from error
    if check and done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or f"status {done.returncode}").splitlines()
        raise Missing(f"{' '.join(command[:4])}: {lines[-1]}")
    return done
