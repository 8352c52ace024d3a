# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of a tablet's manager, as Vitess's programs make them: grpcio, and messages that protoc makes of our .proto files."""

import importlib
import pathlib
import subprocess
import sys
import tempfile

import grpc

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVICE = "/tabletmanagerservice.TabletManager/"
_made = tempfile.TemporaryDirectory(prefix="tessera-protos-")


def _messages():
    """The modules tabletmanagerdata, replicationdata, topodata and query. Their files have names of their own, for python3-grpcio
    brings none of them."""
    folder = pathlib.Path(_made.name)
    files = sorted(path.name for path in (ROOT / "proto").glob("*.proto") if path.stem not in ("etcd", "grpc_health"))
    subprocess.run(["protoc", f"--python_out={folder}", "-I", str(ROOT / "proto"), *files], check=True)
    sys.path.insert(0, str(folder))
    return [importlib.import_module(f"{name}_pb2") for name in ("tabletmanagerdata", "replicationdata", "topodata", "query")]


tabletmanagerdata, replicationdata, topodata, query = _messages()


class Tablet:
    """The manager of one tablet, on its gRPC port."""

    def __init__(self, port, alias):
        self.alias = alias
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")

    def call(self, rpc, timeout=30, **fields):
        request = getattr(tabletmanagerdata, f"{rpc}Request")(**fields)
        answer = getattr(tabletmanagerdata, f"{rpc}Response")
        method = self._channel.unary_unary(SERVICE + rpc, request_serializer=lambda message: message.SerializeToString(),
                                           response_deserializer=answer.FromString)
        return method(request, timeout=timeout, wait_for_ready=True)

    def refusal(self, rpc, timeout=30, **fields):
        """Code and text of the error that the call must give."""
        try:
            answer = self.call(rpc, timeout, **fields)
        except grpc.RpcError as error:
            return error.code(), error.details()
        raise AssertionError(f"{rpc} was not refused but answered with {answer}")

    def sql(self, text, **fields):
        """Rows of a statement as vt_dba, each a tuple of texts."""
        return rows(self.call("ExecuteFetchAsDba", query=text.encode(), max_rows=10000, **fields).result)

    def close(self):
        self._channel.close()


def rows(result):
    out = []
    for row in result.rows:
        values, at = [], 0
        for length in row.lengths:
            values.append(None if length < 0 else row.values[at:at + length].decode())
            at += max(length, 0)
        out.append(tuple(values))
    return out
