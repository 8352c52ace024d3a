// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/lookup.h"

#include <charconv>

#include <fmt/core.h>

#include "vindex/internal/collation_weights.h"
#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"

namespace tessera::vindex {
namespace {

using sqltypes::Type;
using sqltypes::Value;

Result<bool> ParseFlag(std::string_view type, const Params& params, std::string_view name) {
  const std::string_view text = Param(params, name);
  if (text.empty() && !params.contains(name)) return false;
  if (text == "true") return true;
  if (text == "false") return false;
  return Errorf(Code::kInvalidArgument, "{}: {} value must be 'true' or 'false': '{}'", type, name,
                text);
}

Result<ReadLock> ParseReadLock(std::string_view type, const Params& params) {
  const std::string_view text = Param(params, "read_lock");
  if (text.empty() || text == "exclusive") return ReadLock::kExclusive;
  if (text == "shared") return ReadLock::kShared;
  if (text == "none") return ReadLock::kNone;
  return Errorf(Code::kInvalidArgument, "{}: read_lock must be exclusive, shared or none, not '{}'",
                type, text);
}

std::vector<std::string> SplitColumns(std::string_view text) {
  std::vector<std::string> columns;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view column = text.substr(0, comma);
    while (!column.empty() && column.front() == ' ') column.remove_prefix(1);
    while (!column.empty() && column.back() == ' ') column.remove_suffix(1);
    columns.emplace_back(column);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return columns;
}

}  // namespace

std::string LookupVindex::MapSql(bool locking) const {
  const std::string& from = settings_.from[0];
  std::string sql = fmt::format("select {}, {} from {} where {} in ::{}", from, settings_.to,
                                settings_.table, from, from);
  if (!locking) return sql;
  if (settings_.read_lock == ReadLock::kExclusive) sql += " for update";
  if (settings_.read_lock == ReadLock::kShared) sql += " lock in share mode";
  return sql;
}

std::string LookupVindex::VerifySql() const {
  const std::string& from = settings_.from[0];
  return fmt::format("select {} from {} where {} = :{} and {} = :{}", from, settings_.table, from,
                     from, settings_.to, settings_.to);
}

std::string LookupVindex::InsertSql(size_t rows, bool ignore) const {
  std::string sql = "insert ";
  if (settings_.multi_shard_autocommit) sql += "/*vt+ MULTI_SHARD_AUTOCOMMIT=1 */ ";
  if (ignore) sql += "ignore ";
  sql += fmt::format("into {}(", settings_.table);
  for (const std::string& column : settings_.from) sql += column + ", ";
  sql += settings_.to + ") values";
  for (size_t row = 0; row < rows; ++row) {
    sql += row == 0 ? "(" : ", (";
    for (const std::string& column : settings_.from) sql += fmt::format(":{}_{}, ", column, row);
    sql += fmt::format(":{}_{})", settings_.to, row);
  }
  if (settings_.autocommit && !settings_.unique) {
    sql += " on duplicate key update ";
    for (const std::string& column : settings_.from)
      sql += fmt::format("{}=values({}), ", column, column);
    sql += fmt::format("{}=values({})", settings_.to, settings_.to);
  }
  return sql;
}

std::string LookupVindex::DeleteSql() const {
  std::string sql = fmt::format("delete from {} where ", settings_.table);
  for (const std::string& column : settings_.from)
    sql += fmt::format("{} = :{} and ", column, column);
  return sql + fmt::format("{} = :{}", settings_.to, settings_.to);
}

Result<OwnedValue> LookupVindex::ToColumn(std::string_view keyspace_id) const {
  if (settings_.form == LookupForm::kBytes)
    return OwnedValue{Type::kVarBinary, std::string(keyspace_id)};
  const std::optional<uint64_t> number = FromBigEndian(keyspace_id);
  if (!number) {
    return Errorf(Code::kInvalidArgument, "vindex '{}': keyspace id {} is not 8 bytes long", name(),
                  keys::HexEncode(keyspace_id));
  }
  return OwnedValue{Type::kUint64, std::to_string(HashNumber(*number))};
}

Result<keys::KeyspaceId> LookupVindex::FromToColumn(const Value& stored) const {
  if (settings_.form == LookupForm::kBytes) return keys::KeyspaceId(stored.raw());
  const std::optional<uint64_t> number = ToUnsigned(stored);
  if (!number) {
    return Errorf(Code::kInternal, "vindex '{}': table {} holds '{}' where a number must be",
                  name(), settings_.table, stored.raw());
  }
  return BigEndian(HashNumber(*number));
}

Result<OwnedValue> LookupVindex::FromColumn(const Value& value) const {
  if (settings_.form != LookupForm::kUnicodeLooseHash || value.is_null()) {
    return OwnedValue{value.type(), std::string(value.raw())};
  }
  TRY(const std::string bytes, ToBytes(value));
  TRY(const std::string weights, PrimaryWeights(bytes).Wrap("vindex '" + name() + "'"));
  const std::optional<uint64_t> start = FromBigEndian(std::string_view(Md5(weights)).substr(0, 8));
  return OwnedValue{Type::kUint64, std::to_string(*start)};
}

Result<std::unique_ptr<Vindex>> MakeLookup(std::string_view type, const Params& params) {
  LookupSettings settings;
  settings.unique = type.ends_with("_unique");
  settings.cost = settings.unique ? 10 : 20;
  settings.consistent = type.starts_with("consistent_");
  if (type.starts_with("lookup_hash")) settings.form = LookupForm::kHash;
  if (type.starts_with("lookup_unicodeloosemd5_hash"))
    settings.form = LookupForm::kUnicodeLooseHash;
  settings.table = Param(params, "table");
  settings.from = SplitColumns(Param(params, "from"));
  settings.to = Param(params, "to");
  if (settings.table.empty() || settings.from.empty() || settings.to.empty()) {
    return Errorf(Code::kInvalidArgument, "{}: params table, from and to must be given", type);
  }
  TRY(settings.ignore_nulls, ParseFlag(type, params, "ignore_nulls"));
  TRY(settings.batch_lookup, ParseFlag(type, params, "batch_lookup"));
  TRY(settings.write_only, ParseFlag(type, params, "write_only"));
  TRY(settings.read_lock, ParseReadLock(type, params));
  if (!settings.consistent) {
    TRY(settings.autocommit, ParseFlag(type, params, "autocommit"));
    TRY(settings.multi_shard_autocommit, ParseFlag(type, params, "multi_shard_autocommit"));
    if (settings.form == LookupForm::kBytes) {
      TRY(settings.no_verify, ParseFlag(type, params, "no_verify"));
    }
  }
  if (type == "lookup_cost") {
    const std::string_view text = Param(params, "cost");
    settings.cost = 5;
    if (!text.empty() &&
        std::from_chars(text.data(), text.data() + text.size(), settings.cost).ec != std::errc()) {
      return Errorf(Code::kInvalidArgument, "{}: cost '{}' is not a number", type, text);
    }
  }
  return std::make_unique<LookupVindex>(std::move(settings));
}

Error LookupUnsupported(const Vindex& vindex) {
  return Errorf(Code::kUnimplemented, "VT12001: unsupported: lookup vindex '{}' of type {}",
                vindex.name(), vindex.type())
      .WithMysql(1235, "42000")
      .WithHint("give the primary vindex's columns in the statement, or use a functional vindex");
}

}  // namespace tessera::vindex
