// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/schema_tracker.h"

#include <span>
#include <utility>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/waiter.h"
#include "log/log.h"
#include "sqlparser/ast_ddl.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"

namespace tessera::vtgate {

using sqltypes::Type;

namespace {

constexpr Duration kLookAgain = std::chrono::seconds(1);
constexpr Duration kReadTimeout = std::chrono::seconds(10);
constexpr size_t kReadsAtOnce = 32;

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
  const auto at = kTypes.find(AsciiLower(type.name));
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

SchemaTracker::SchemaTracker(const Context& ctx, discovery::ServingGraph& serving,
                             discovery::HealthCheck& health, Tell tell)
    : serving_(serving),
      health_(health),
      tell_(std::move(tell)),
      tasks_(ctx),
      at_once_(kReadsAtOnce) {}

Task<> SchemaTracker::Stop() {
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());
}

Task<> SchemaTracker::Follow() {
  const Context ctx = tasks_.context();
  while (!ctx.cancelled()) {
    std::vector<std::string> stale;
    for (const auto& [name, keyspace] : serving_.vschema()->keyspaces())
      if (IsStale(name)) stale.push_back(name);
    vschema::TrackedSchema found;
    runtime::TaskGroup looks(ctx);
    for (const std::string& keyspace : stale) looks.Start(Look(looks.context(), keyspace, found));
    const Result<> looked = co_await looks.Join();
    static_cast<void>(looked.ok());  // each tells of its own errors
    if (!found.empty()) co_await Spread(std::move(found));
    const Result<> slept = co_await Sleep(ctx, kLookAgain);
    static_cast<void>(slept.ok());
  }
}

bool SchemaTracker::IsStale(const std::string& keyspace) const {
  const std::shared_ptr<discovery::TabletHealth> primary = health_.UsablePrimary(keyspace);
  if (primary == nullptr) return false;
  const auto seen = seen_.find(keyspace);
  return seen == seen_.end() ||
         !(seen->second == Seen{primary->tablet.alias, primary->schema_changes});
}

Task<> SchemaTracker::Look(const Context& ctx, std::string keyspace,
                           vschema::TrackedSchema& found) {
  const Result<> permit = co_await at_once_.Acquire(ctx);
  if (!permit.ok()) co_return;
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  co_await Read(bounded, std::move(keyspace), found);
  at_once_.Release();
}

Task<> SchemaTracker::Refresh(const Context& ctx, std::string keyspace) {
  const Context bounded = ctx.WithTimeout(kReadTimeout);
  vschema::TrackedSchema found;
  co_await Read(bounded, std::move(keyspace), found);
  if (!found.empty()) co_await Spread(std::move(found));
}

Task<> SchemaTracker::Read(const Context& ctx, std::string keyspace,
                           vschema::TrackedSchema& found) {
  const std::shared_ptr<discovery::TabletHealth> chosen = health_.UsablePrimary(keyspace);
  if (chosen == nullptr) co_return;
  Seen now;
  now.alias = chosen->tablet.alias;
  now.changes = chosen->schema_changes;
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
  const auto learned =
      std::make_shared<const std::vector<vschema::TrackedTable>>(std::move(tables.found));
  known_[keyspace] = learned;
  found[keyspace] = learned;
  seen_[std::move(keyspace)] = now;
}

// What is told is what is newest by now, whoever read it.
Task<> SchemaTracker::Spread(vschema::TrackedSchema found) {
  for (auto& [keyspace, tables] : found) tables = known_[keyspace];
  auto news = std::make_shared<const vschema::TrackedSchema>(std::move(found));
  co_await tell_(std::move(news));
}

}  // namespace tessera::vtgate
