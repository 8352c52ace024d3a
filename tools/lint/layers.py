#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Holds includes, CMake files and docs/layers.txt against each other.

A library includes only what its line of docs/layers.txt names (and itself), the lines have no cycle, each line equals
the DEPS of the library's CMakeLists.txt, `internal/` is private, and fenced third-party headers stay behind their fence.
"""

import re
import sys

from source_tree import ROOT, sources

# Third-party header -> the places that may include it.
FENCES = [
    (r"^(sys/epoll|sys/socket|netinet/|netdb|arpa/|sys/eventfd|sys/un)", r"^src/runtime/|_test\.cc$|_bench\.cc$"),
    (r"^nghttp2/", r"^src/http/"),
    (r"^zookeeper/", r"^src/topo_zk/"),
    (r"^openssl/", r"^src/(runtime/(tls\w*|testing/\w+)|mysqlwire/(auth|rsa_key)|vindex/\w+)\.cc$|_test\.cc$"),
    (r"\.pb\.h$", r"^src/(proto|rpc)/|_(codec|test)\.cc$|^src/(topo|topo_etcd|vschema|queryservice|tabletmanager|vtctl|vtctlclient|vtctld)/\w+\.cc$|^src/(vtctl|vtctlclient)/internal/"),
    (r"^(sodium|zlib|zstd)\.h$", r"^src/(mysqlwire/(ed25519|compression)|webauth/users)\.cc$|_test\.cc$"),
    (r"^nlohmann/", r"\.cc$"),
    (r"^(spdlog|CLI|simdjson)", r"\.cc$"),
    (r"^(grpcpp|grpc)/", r"_test\.cc$|_bench\.cc$|^src/rpc/interop/"),
    (r"^regex$", r"^$"),
    (r"^iostream$", r"\.cc$"),
]


def read_layers():
    layers = {}
    for number, line in enumerate((ROOT / "docs/layers.txt").read_text().splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, _, deps = line.partition(":")
        if name in layers:
            yield_error(f"docs/layers.txt:{number}: {name} has two lines")
        layers[name] = set(deps.split())
    return layers


errors = []


def yield_error(text):
    errors.append(text)


def check_cycles(layers):
    done, path = set(), []

    def visit(name):
        if name in path:
            yield_error("docs/layers.txt: cycle " + " -> ".join(path[path.index(name):] + [name]))
            return
        if name in done:
            return
        path.append(name)
        for dep in sorted(layers.get(name, ())):
            visit(dep)
        path.pop()
        done.add(name)

    for name in layers:
        visit(name)


def cmake_deps(library):
    path = ROOT / "src" / library / "CMakeLists.txt"
    if not path.exists():
        return None
    text = re.sub(r"#[^\n]*", "", path.read_text())
    call = re.search(r"tessera_library\(\s*" + library + r"\b([^)]*)\)", text)
    if not call:
        return None
    words, deps, inside = call.group(1).split(), set(), False
    for word in words:
        if word.isupper() and word not in ("DEPS",):
            inside = False
        elif word == "DEPS":
            inside = True
        elif inside:
            deps.add(word)
    return deps


def reachable(layers, name):
    seen, todo = set(), [name]
    while todo:
        for dep in layers.get(todo.pop(), ()):
            if dep not in seen:
                seen.add(dep)
                todo.append(dep)
    return seen


def check_include(path, number, include, quoted, layers):
    place = f"{path}:{number}"
    library = path.parts[1]
    is_test = path.name.endswith(("_test.cc", "_bench.cc", "_fuzz.cc")) or {"testing", "interop"} & set(path.parts)
    if not quoted:
        for header, allowed in FENCES:
            if re.search(header, include) and not re.search(allowed, str(path)):
                yield_error(f"{place}: <{include}> is fenced; only {allowed} may include it")
        return
    if ".." in include.split("/"):
        yield_error(f'{place}: "{include}": write the path from src/')
        return
    if include.endswith(".pb.h"):
        check_include(path, number, include, False, layers)
        return
    other = include.split("/")[0]
    if "/testing/" in include and not is_test:
        yield_error(f'{place}: "{include}" is for tests')
    if other == library:
        return
    if "/internal/" in include:
        yield_error(f'{place}: "{include}" is private to {other}')
    if library == "bin":
        return
    if other not in layers.get(library, set()) and not is_test:
        yield_error(f'{place}: "{include}": {library} may not use {other} (docs/layers.txt: {library}: '
                    f'{" ".join(sorted(layers.get(library, ())))})')


def main():
    layers = read_layers()
    check_cycles(layers)
    libraries = {path.parts[1] for path in sources() if len(path.parts) > 2} - {"bin"}
    for library in sorted(libraries):
        if library not in layers:
            yield_error(f"docs/layers.txt: no line for {library}")
            continue
        deps = cmake_deps(library)
        if deps is not None and deps != layers[library]:
            yield_error(f"src/{library}/CMakeLists.txt: DEPS {sorted(deps)} differ from docs/layers.txt "
                        f"{sorted(layers[library])}")
    for path in sources():
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                check_include(path, number, match.group(2), match.group(1) == '"', layers)
    print("\n".join(errors) if errors else f"layers: {len(layers)} libraries, no broken floor")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
