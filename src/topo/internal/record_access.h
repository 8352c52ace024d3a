// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "topo/conn.h"
#include "topo/errors.h"
#include "topo/records.h"
#include "topo/server.h"

// Records read and changed in place. Errors of bytes that are no record name the path.
namespace tessera::topo {

template <class Record>
using Decoder = Result<Record> (*)(std::string_view bytes);

template <class Record>
Task<Result<Versioned<Record>>> ReadRecord(const Context& ctx, Conn& conn, std::string path,
                                           Decoder<Record> decode) {
  CO_TRY(const Node node, co_await conn.Get(ctx, path));
  Result<Record> record = decode(node.contents);
  if (!record.ok()) co_return std::move(record).error().Wrap(path);
  co_return Versioned<Record>{std::move(*record), node.version};
}

enum class WhenAbsent { kFail, kMake };

// Reads, lets `change` edit, writes if the record is still the same, and starts over otherwise.
// `change` gives false to leave the record alone. Gives the record as it is afterwards.
template <class Record>
Task<Result<Record>> ChangeRecord(const Context& ctx, Conn& conn, std::string path,
                                  Decoder<Record> decode, WhenAbsent absent,
                                  const std::function<Result<bool>(Record&)>& change) {
  for (;;) {
    Result<Versioned<Record>> old = co_await ReadRecord(ctx, conn, path, decode);
    const bool missing = !old.ok() && IsNoNode(old.error()) && absent == WhenAbsent::kMake;
    if (!old.ok() && !missing) co_return std::move(old).error();
    Record record = missing ? Record() : std::move(old->record);
    CO_TRY(const bool changed, change(record));
    if (!changed) co_return record;
    Result<Version> written(Version{0});
    if (missing) {
      written = co_await conn.Create(ctx, path, Encode(record));
    } else {
      written = co_await conn.Update(ctx, path, Encode(record), old->version);
    }
    if (written.ok()) co_return record;
    const bool lost_race = IsBadVersion(written.error()) || IsNodeExists(written.error()) ||
                           (IsNoNode(written.error()) && absent == WhenAbsent::kMake);
    if (!lost_race) co_return written.error();
  }
}

}  // namespace tessera::topo
