// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/schema_tracker.h"

#include "base/arena.h"
#include "log/log.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"

namespace tessera::vtgate {

using sqltypes::Type;

namespace {

constexpr Duration kLookAgain = std::chrono::seconds(1);

class TableCollector final : public queryservice::SchemaSink {
 public:
  Task<Result<>> OnTables(const Context&,
                          std::vector<queryservice::TableDefinition> tables) override {
    for (queryservice::TableDefinition& table : tables) {
      Result<vschema::TrackedTable> read = ReadTable(table.create_statement);
      if (!read.ok()) continue;  // what only the server understands
      read->name = std::move(table.name);
      found.push_back(*std::move(read));
    }
    co_return Ok{};
  }
  std::vector<vschema::TrackedTable> found;
};

Type ColumnType(const sqlparser::DataType& type) {
  static const std::map<std::string_view, Type> kTypes = {
      {"tinyint", Type::kInt8},      {"smallint", Type::kInt16},      {"mediumint", Type::kInt24},
      {"int", Type::kInt32},         {"integer", Type::kInt32},       {"bigint", Type::kInt64},
      {"bool", Type::kInt8},         {"boolean", Type::kInt8},        {"float", Type::kFloat32},
      {"double", Type::kFloat64},    {"real", Type::kFloat64},        {"decimal", Type::kDecimal},
      {"numeric", Type::kDecimal},   {"date", Type::kDate},           {"time", Type::kTime},
      {"datetime", Type::kDatetime}, {"timestamp", Type::kTimestamp}, {"year", Type::kYear},
      {"char", Type::kChar},         {"varchar", Type::kVarChar},     {"tinytext", Type::kText},
      {"text", Type::kText},         {"mediumtext", Type::kText},     {"longtext", Type::kText},
      {"binary", Type::kBinary},     {"varbinary", Type::kVarBinary}, {"tinyblob", Type::kBlob},
      {"blob", Type::kBlob},         {"mediumblob", Type::kBlob},     {"longblob", Type::kBlob},
      {"bit", Type::kBit},           {"enum", Type::kEnum},           {"set", Type::kSet},
      {"json", Type::kJson}};
  std::string name(type.name);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto at = kTypes.find(name);
  if (at == kTypes.end()) return Type::kNull;
  const Type found = at->second;
  if (!type.is_unsigned) return found;
  switch (found) {
    case Type::kInt8:
      return Type::kUint8;
    case Type::kInt16:
      return Type::kUint16;
    case Type::kInt24:
      return Type::kUint24;
    case Type::kInt32:
      return Type::kUint32;
    case Type::kInt64:
      return Type::kUint64;
    default:
      return found;
  }
}

vschema::TrackedTable ReadView(const sqlparser::CreateView& create) {
  vschema::TrackedTable out;
  out.name = create.view->name;
  vschema::View& view = out.view.emplace();
  sqlparser::PrintOptions options;
  options.qualify_tables = false;  // a server may name its own database
  view.select = sqlparser::ToString(create.select, options);
  for (const sqlparser::Ident& column : create.columns) view.columns.emplace_back(column.text);
  return out;
}

}  // namespace

Result<vschema::TrackedTable> ReadTable(std::string_view create_statement) {
  Arena arena;
  TRY(const sqlparser::Statement* statement, sqlparser::Parse(arena, create_statement));
  if (const auto* view = statement->As<sqlparser::CreateView>()) return ReadView(*view);
  const auto* create = statement->As<sqlparser::CreateTable>();
  if (create == nullptr || create->spec == nullptr || !create->fully_parsed)
    return Error(Code::kInvalidArgument, "neither a CREATE TABLE with columns nor a CREATE VIEW");
  vschema::TrackedTable out;
  out.name = create->table->name;
  for (const sqlparser::ColumnDef* column : create->spec->columns) {
    vschema::Column known;
    known.name = column->name.text;
    if (column->type != nullptr) known.type = ColumnType(*column->type);
    if (column->options != nullptr)
      known.nullable = column->options->nullable != sqlparser::Tristate::kNo;
    out.columns.push_back(std::move(known));
  }
  for (const sqlparser::IndexDef* index : create->spec->indexes) {
    if (index->type != sqlparser::IndexType::kPrimary) continue;
    for (const sqlparser::IndexColumn* column : index->columns)
      out.primary_key.emplace_back(column->column.text);
  }
  return out;
}

Task<> SchemaTracker::Stop() {
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());
}

Task<> SchemaTracker::Follow() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    std::vector<std::string> keyspaces;
    for (const auto& [name, keyspace] : serving_.vschema()->keyspaces()) keyspaces.push_back(name);
    for (const std::string& keyspace : keyspaces) co_await Look(keyspace);
    const auto quiet1 = co_await Sleep(ctx, kLookAgain);
    static_cast<void>(quiet1.ok());
  }
}

Task<> SchemaTracker::Look(std::string keyspace) {
  const Context ctx = tasks_.context().WithTimeout(std::chrono::seconds(10));
  co_await Read(ctx, std::move(keyspace), false);
}

Task<> SchemaTracker::Refresh(const Context& ctx, std::string keyspace) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(10));
  co_await Read(bounded, std::move(keyspace), true);
}

Task<> SchemaTracker::Read(const Context& ctx, std::string keyspace, bool always) {
  std::shared_ptr<discovery::TabletHealth> chosen;
  for (const std::shared_ptr<discovery::TabletHealth>& entry : health_.All()) {
    const keys::Target& target = entry->health.target;
    const bool primary = target.tablet_type == keys::TabletType::kPrimary;
    if (entry->usable() && primary && target.keyspace == keyspace) {
      chosen = entry;
      break;
    }
  }
  if (chosen == nullptr) co_return;
  const Seen now = {chosen->tablet.alias, chosen->schema_changes};
  const auto seen = seen_.find(keyspace);
  const bool known =
      seen != seen_.end() && seen->second.alias == now.alias && seen->second.changes == now.changes;
  if (known && !always) co_return;
  const uint64_t reading = ++readings_;
  TableCollector tables;
  const keys::Target target = chosen->health.target;
  Result<> read = co_await chosen->service().GetSchema(
      ctx, target, queryservice::SchemaTables::kAll, std::span<const std::string>(), tables);
  if (!read.ok()) {
    if (!tasks_.context().cancelled())
      LOG(kWarn, "the tables of keyspace {} are not known yet: {}", keyspace,
          read.error().message());
    co_return;
  }
  uint64_t& newest = newest_[keyspace];
  if (newest > reading) co_return;
  newest = reading;
  serving_.SetTracked(keyspace, std::move(tables.found));
  seen_[std::move(keyspace)] = now;
}

}  // namespace tessera::vtgate
