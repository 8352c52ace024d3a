// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vschema/ddl.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/arena.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/lexer.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/split.h"
#include "vschema/vschema.h"

namespace tessera::vschema {
namespace {

using sqlparser::AlterVschema;
using sqlparser::VschemaAction;

constexpr std::string_view kSequence = "sequence";

template <class... Args>
Error Refuse(fmt::format_string<Args...> format, Args&&... args) {
  return Error(Code::kInternal, fmt::format(format, std::forward<Args>(args)...));
}

// A parameter's value: strings stand in the tree as they were written.
std::string ParamText(std::string_view text) {
  if (text.size() < 2 || (text.front() != '\'' && text.front() != '"')) return std::string(text);
  std::string value;
  sqlparser::UnescapeString(text, sqlparser::ParseOptions(), value);
  return value;
}

// The owner is written among the parameters, and is none.
VindexRecord RecordOf(const sqlparser::VindexSpec& spec) {
  VindexRecord record;
  record.type = spec.type.text;
  for (const sqlparser::VindexParam* param : spec.params) {
    if (param->name == "owner")
      record.owner = ParamText(param->value);
    else
      record.params[std::string(param->name)] = ParamText(param->value);
  }
  return record;
}

// One statement on a keyspace's record.
class Change {
 public:
  Change(const AlterVschema& ddl, std::string_view keyspace, KeyspaceRecord& record)
      : ddl_(ddl), keyspace_(keyspace), name_(ddl.table->name), record_(record) {}

  Result<> Apply() {
    switch (ddl_.action) {
      case VschemaAction::kCreateVindex:
        return CreateVindex();
      case VschemaAction::kDropVindex:
        return DropVindex();
      case VschemaAction::kAddTable:
        return AddTable("table", TableRecord());
      case VschemaAction::kDropTable:
        return DropTable();
      case VschemaAction::kAddSequence:
        return AddSequence();
      case VschemaAction::kDropSequence:
        return DropSequence();
      case VschemaAction::kAddVindex:
        return AddColumnVindex();
      case VschemaAction::kDropTableVindex:
        return DropColumnVindex();
      case VschemaAction::kAddAutoIncrement:
        return AddAutoIncrement();
      case VschemaAction::kDropAutoIncrement:
        return DropAutoIncrement();
    }
    return Refuse("no such change of a VSchema");
  }

 private:
  Result<> CreateVindex() {
    if (record_.vindexes.contains(name_))
      return Refuse("vindex {} is in keyspace {} already", name_, keyspace_);
    // A keyspace is sharded from its first vindex on.
    if (record_.vindexes.empty()) record_.sharded = true;
    record_.vindexes.emplace(name_, RecordOf(*ddl_.vindex));
    return Ok{};
  }

  Result<> DropVindex() {
    const auto found = record_.vindexes.find(name_);
    if (found == record_.vindexes.end())
      return Refuse("there is no vindex {} in keyspace {}", name_, keyspace_);
    for (const auto& [table, of_table] : record_.tables) {
      if (UseOf(of_table, name_) != of_table.column_vindexes.end())
        return Refuse("vindex {} is still used by table {}.{}", name_, keyspace_, table);
    }
    record_.vindexes.erase(found);
    return Ok{};
  }

  Result<> AddTable(std::string_view what, TableRecord table) {
    if (record_.sharded) {
      return Refuse("a {} cannot be added to keyspace {}, which is sharded", what, keyspace_)
          .WithHint(fmt::format("alter vschema on {}.{} add vindex ...", keyspace_, name_));
    }
    if (record_.tables.contains(name_))
      return Refuse("table {} is in the VSchema of keyspace {} already", name_, keyspace_);
    record_.tables.emplace(name_, std::move(table));
    return Ok{};
  }

  Result<> DropTable() {
    TRY_OK(FindTable());
    record_.tables.erase(name_);
    return Ok{};
  }

  Result<> AddSequence() {
    TableRecord sequence;
    sequence.type = kSequence;
    return AddTable(kSequence, std::move(sequence));
  }

  Result<> DropSequence() {
    TRY(const TableRecord* const table, FindTable());
    if (table->type != kSequence) return Refuse("table {}.{} is no sequence", keyspace_, name_);
    record_.tables.erase(name_);
    return Ok{};
  }

  // USING makes the vindex when there is none of that name; one that is there must be the same.
  Result<> MakeVindex() {
    const std::string vindex(ddl_.vindex->name.text);
    const auto found = record_.vindexes.find(vindex);
    if (ddl_.vindex->type.empty()) {
      if (found == record_.vindexes.end())
        return Refuse("there is no vindex {} in keyspace {}", vindex, keyspace_)
            .WithHint("name its type: USING type");
      return Ok{};
    }
    VindexRecord wanted = RecordOf(*ddl_.vindex);
    if (found == record_.vindexes.end()) {
      record_.vindexes.emplace(vindex, std::move(wanted));
      return Ok{};
    }
    const VindexRecord& present = found->second;
    if (present.type != wanted.type)
      return Refuse("vindex {} is of type {}, not {}", vindex, present.type, wanted.type);
    if (present.owner != wanted.owner)
      return Refuse("vindex {} is owned by '{}', not '{}'", vindex, present.owner, wanted.owner);
    if (present.params != wanted.params)
      return Refuse("vindex {} has other parameters than these", vindex);
    return Ok{};
  }

  Result<> AddColumnVindex() {
    TRY_OK(MakeVindex());
    TableRecord& table = record_.tables[name_];
    const std::string_view vindex = ddl_.vindex->name.text;
    if (UseOf(table, vindex) != table.column_vindexes.end())
      return Refuse("table {}.{} uses vindex {} already", keyspace_, name_, vindex);
    ColumnVindexRecord use;
    use.name = vindex;
    for (const sqlparser::Ident& column : ddl_.columns) use.columns.emplace_back(column.text);
    table.column_vindexes.push_back(std::move(use));
    return Ok{};
  }

  Result<> DropColumnVindex() {
    TRY(TableRecord* const table, FindTable());
    const std::string_view vindex = ddl_.vindex->name.text;
    const auto use = UseOf(*table, vindex);
    if (use == table->column_vindexes.end())
      return Refuse("table {}.{} does not use vindex {}", keyspace_, name_, vindex);
    table->column_vindexes.erase(use);
    // A sharded table without vindexes could not be reached.
    if (table->column_vindexes.empty()) record_.tables.erase(name_);
    return Ok{};
  }

  Result<> AddAutoIncrement() {
    TRY(TableRecord* const table, FindTable());
    if (!table->auto_increment_column.empty())
      return Refuse("table {}.{} has an auto increment column already: {}", keyspace_, name_,
                    table->auto_increment_column);
    table->auto_increment_column = ddl_.auto_increment_column.text;
    table->auto_increment_sequence = sqlparser::ToString(ddl_.sequence);
    return Ok{};
  }

  Result<> DropAutoIncrement() {
    TRY(TableRecord* const table, FindTable());
    if (table->auto_increment_column.empty())
      return Refuse("table {}.{} has no auto increment column", keyspace_, name_);
    table->auto_increment_column.clear();
    table->auto_increment_sequence.clear();
    return Ok{};
  }

  Result<TableRecord*> FindTable() {
    const auto found = record_.tables.find(name_);
    if (found == record_.tables.end())
      return Refuse("there is no table {} in the VSchema of keyspace {}", name_, keyspace_);
    return &found->second;
  }

  static std::vector<ColumnVindexRecord>::const_iterator UseOf(const TableRecord& table,
                                                               std::string_view vindex) {
    return std::find_if(table.column_vindexes.begin(), table.column_vindexes.end(),
                        [vindex](const ColumnVindexRecord& use) { return use.name == vindex; });
  }

  const AlterVschema& ddl_;
  std::string_view keyspace_;
  std::string name_;  // of the table, or of the vindex made or dropped
  KeyspaceRecord& record_;
};

Result<KeyspaceRecord> ApplyPiece(std::string_view sql, std::string_view keyspace,
                                  const KeyspaceRecord& record) {
  Arena arena;
  TRY(const sqlparser::Statement* const statement, sqlparser::Parse(arena, sql));
  const auto* const ddl = statement->As<AlterVschema>();
  if (ddl == nullptr) {
    return Errorf(Code::kInvalidArgument, "not a change of a VSchema: {}", sql)
        .WithHint("alter vschema ...");
  }
  TRY(const std::string named, KeyspaceOfDdl(*ddl, keyspace));
  if (named != keyspace) {
    return Errorf(Code::kInvalidArgument, "the statement is about keyspace {}, not {}: {}", named,
                  keyspace, sql);
  }
  return ApplyDdl(*ddl, keyspace, record);
}

}  // namespace

Result<std::string> KeyspaceOfDdl(const AlterVschema& ddl, std::string_view current) {
  if (!ddl.table->database.empty()) return std::string(ddl.table->database);
  if (!current.empty()) return std::string(current);
  return Error(Code::kFailedPrecondition, "No database selected")
      .WithMysql(1046, "3D000")
      .WithHint("USE a keyspace, or name it before the table: keyspace.table");
}

Result<KeyspaceRecord> ApplyDdl(const AlterVschema& ddl, std::string_view keyspace,
                                const KeyspaceRecord& record) {
  KeyspaceRecord changed = record;
  TRY_OK(Change(ddl, keyspace, changed).Apply());
  const auto valid = ValidateKeyspace(keyspace, changed);
  // One that is broken anyway may be mended step by step.
  if (!valid.ok() && ValidateKeyspace(keyspace, record).ok())
    return Refuse("{}", valid.error().message());
  return changed;
}

Result<KeyspaceRecord> ApplyDdlText(std::string_view sql, std::string_view keyspace,
                                    KeyspaceRecord record) {
  TRY(const std::vector<sqlparser::StatementPiece> pieces, sqlparser::SplitStatements(sql));
  if (pieces.empty()) return Error(Code::kInvalidArgument, "there is no statement to apply");
  for (const sqlparser::StatementPiece& piece : pieces) {
    TRY(record, ApplyPiece(sql.substr(piece.offset, piece.length), keyspace, record));
  }
  return record;
}

}  // namespace tessera::vschema
