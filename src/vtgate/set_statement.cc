// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/ascii.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"
#include "sqltypes/value.h"
#include "vtgate/collations.h"
#include "vtgate/executor.h"
#include "vtgate/internal/session_exec.h"
#include "vtgate/internal/session_state.h"

// SET, in all its forms.
namespace tessera::vtgate {

using planner::Unsupported;
using sqlparser::Ident;
using sqlparser::SetItem;
using sqlparser::VariableScope;
using sqltypes::ResultSet;

namespace {

// Settings of the connection between client and gate, and Vitess's without effect here: accepted,
// as a server would.
constexpr std::string_view kIgnoredSettings[] = {"interactive_timeout",
                                                 "net_read_timeout",
                                                 "net_write_timeout",
                                                 "net_retry_count",
                                                 "max_allowed_packet",
                                                 "session_track_schema",
                                                 "session_track_state_change",
                                                 "session_track_system_variables",
                                                 "session_track_transaction_info",
                                                 "query_cache_type",
                                                 "ddl_strategy",
                                                 "enable_system_settings",
                                                 "transaction_timeout",
                                                 "resultset_metadata"};

// Of tablets' connections.
constexpr const char* kDefaultCharset = "utf8mb4";

bool IsIgnored(std::string_view name) {
  return std::find(std::begin(kIgnoredSettings), std::end(kIgnoredSettings), name) !=
         std::end(kIgnoredSettings);
}

// ON, 'on', 1, true: the word or number of a setting, without quotes and in lower case.
std::string SettingWord(const sqlparser::Expr& value) {
  if (const auto* literal = value.As<sqlparser::Literal>()) return AsciiLower(literal->text);
  if (const auto* column = value.As<sqlparser::ColumnRef>()) return AsciiLower(column->name.text);
  if (const auto* flag = value.As<sqlparser::BoolLiteral>()) return flag->value ? "1" : "0";
  if (value.Is<sqlparser::DefaultExpr>()) return "default";
  return AsciiLower(sqlparser::ToString(&value));
}

// Whether the client is to hear of each transaction, or of each change of its session.
bool AsksForState(std::string_view name, const sqlparser::Expr& value) {
  if (name != "session_track_transaction_info" && name != "session_track_state_change")
    return false;
  const std::string word = SettingWord(value);
  return word != "off" && word != "0" && word != "default";
}

// A list of names separated by commas; * is all of them.
TrackedSettings ReadTracked(std::string text) {
  TrackedSettings out;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    std::string_view name = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (name == "*") out.all = true;
    if (!name.empty()) out.names.insert(AsciiLower(name));
  }
  out.text = std::move(text);
  return out;
}

// The session's settings that the statement sets and its client wants to hear of.
std::vector<std::string> TrackedOf(const sqlparser::SetStatement& set,
                                   const TrackedSettings& tracked) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& name) {
    if (tracked.Has(name)) out.push_back(name);
  };
  for (const SetItem* item : set.items) {
    const VariableScope scope = item->variable->scope;
    if (scope != VariableScope::kNone && scope != VariableScope::kSession) continue;
    const std::string name = AsciiLower(item->variable->name.text);
    if (name != "names" && name != "charset") {
      add(name);
      continue;
    }
    for (const char* const one :
         {"character_set_client", "character_set_connection", "character_set_results"})
      add(one);
    if (name == "charset" || !item->collate.empty()) add("collation_connection");
  }
  return out;
}

// What MySQL does with numbers out of a setting's range.
Result<> SetWaitTimeout(Session& session, const sqltypes::Value& value) {
  constexpr int64_t kLongest = 31'536'000;  // a year
  const Result<int64_t> seconds = value.ToInt64();
  const bool is_integer = sqltypes::IsIntegral(value.type());
  if (!is_integer || !seconds.ok())
    return Error(Code::kInvalidArgument, "Incorrect argument type to variable 'wait_timeout'")
        .WithMysql(1232, "42000");
  const int64_t taken = std::clamp<int64_t>(*seconds, 1, kLongest);
  session.wait_timeout = std::chrono::seconds(taken);
  if (taken == *seconds) return Ok{};
  sqltypes::Warning& warning = session.warnings.emplace_back();
  warning.level = "Warning";
  warning.code = 1292;
  warning.message = fmt::format("Truncated incorrect wait_timeout value: '{}'", *seconds);
  return Ok{};
}

Result<bool> SettingFlag(std::string_view name, const sqlparser::Expr& value) {
  const std::string word = SettingWord(value);
  if (word == "1" || word == "on" || word == "true" || word == "default") return true;
  if (word == "0" || word == "off" || word == "false") return false;
  return Errorf(Code::kInvalidArgument, "Variable '{}' can't be set to the value of '{}'", name,
                word)
      .WithMysql(1231, "42000");
}

}  // namespace

Task<Result<StoredValue>> Executor::Evaluate(const Context& ctx, Session& session,
                                             const sqlparser::Expr& value) {
  const std::string sql = "select " + sqlparser::ToString(&value) + " from dual";
  CO_TRY(ResultSet rows, co_await ExecutePlanned(ctx, session, sql));
  CO_TRY_OK(rows.Decode());
  StoredValue out;
  if (rows.row_count() != 1 || rows.fields.size() != 1) co_return out;
  const sqltypes::Value cell = std::as_const(rows).row(0)[0];
  if (cell.is_null()) co_return out;
  out.type = cell.type();
  out.bytes = cell.raw();
  co_return out;
}

// Modes that change how statements are read. The gate reads them in the usual way, so it must not
// let servers read them in another.
Result<> internal::CheckSqlMode(std::string_view value) {
  constexpr std::string_view kReading[] = {"ANSI",
                                           "ORACLE",
                                           "MSSQL",
                                           "POSTGRESQL",
                                           "DB2",
                                           "MAXDB",
                                           "PIPES_AS_CONCAT",
                                           "NO_BACKSLASH_ESCAPES",
                                           "IGNORE_SPACE",
                                           "HIGH_NOT_PRECEDENCE"};
  std::string upper(value);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (const std::string_view mode : kReading)
    if (upper.find(mode) != std::string::npos)
      return Unsupported("sql_mode " + std::string(mode) + ", which changes how SQL is read");
  return Ok{};
}

Task<Result<std::string>> Executor::SettingText(const Context& ctx, Session& session,
                                                const sqlparser::Expr& value) {
  if (value.Is<sqlparser::DefaultExpr>()) co_return std::string("default");
  if (const auto* word = value.As<sqlparser::ColumnRef>()) co_return std::string(word->name.text);
  if (value.Is<sqlparser::Literal>() || value.Is<sqlparser::BoolLiteral>() ||
      value.Is<sqlparser::NullLiteral>())
    co_return sqlparser::ToString(&value);
  CO_TRY(const StoredValue evaluated, co_await Evaluate(ctx, session, value));
  std::string text;
  sqltypes::AppendSql(evaluated.view(), text);
  co_return text;
}

namespace {

// optimizer_switch changes only the switches it names, and takes each name once. Both texts are
// SQL strings, or else the new one counts alone.
std::string JoinedSwitches(const std::string& before, const std::string& now) {
  const auto quoted = [](const std::string& text) {
    return text.size() > 2 && text.front() == '\'' && text.find("default") == std::string::npos;
  };
  if (!quoted(before) || !quoted(now)) return now;
  std::map<std::string, std::string> switches;
  for (const std::string* text : {&before, &now}) {
    std::string_view rest(*text);
    rest = rest.substr(1, rest.size() - 2);
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      const std::string_view entry = rest.substr(0, comma);
      switches[std::string(entry.substr(0, entry.find('=')))] = entry;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  std::string out;
  for (const auto& [name, entry] : switches) out += (out.empty() ? "'" : ",") + entry;
  return out + "'";
}

}  // namespace

Task<Result<>> Executor::SetSystem(const Context& ctx, Session& session, std::string name,
                                   const sqlparser::Expr& value) {
  CO_TRY(std::string text, co_await SettingText(ctx, session, value));
  if (name == "sql_mode") {
    CO_TRY_OK(internal::CheckSqlMode(text));
  }
  std::map<std::string, std::string> settings = session.system_variables;
  // Two names of one thing: the later one counts.
  if (name == "character_set_connection") settings.erase("collation_connection");
  if (name == "collation_connection") settings.erase("character_set_connection");
  if (name == "optimizer_switch") text = JoinedSwitches(settings[name], text);
  settings[name] = std::move(text);
  co_return co_await TrySettings(ctx, session, std::move(settings));
}

namespace {

// Settings for the next statements, each with a value of its own; nothing is warned of with them.
constexpr std::string_view kNeverTheSame[] = {"timestamp", "insert_id", "rand_seed1", "rand_seed2"};

// The rows of SHOW WARNINGS.
std::vector<sqltypes::Warning> WarningsOf(const ResultSet& rows) {
  std::vector<sqltypes::Warning> out;
  for (size_t i = 0; i < rows.row_count() && rows.row(i).size() == 3; ++i) {
    const Result<int64_t> code = rows.row(i)[1].ToInt64();
    sqltypes::Warning& warning = out.emplace_back();
    warning.level = rows.row(i)[0].raw();
    warning.code = static_cast<uint16_t>(code.ok() ? *code : 0);
    warning.message = rows.row(i)[2].raw();
  }
  return out;
}

}  // namespace

// A server tells whether there is such a setting and whether it takes the value.
Task<Result<>> Executor::TrySettings(const Context& ctx, Session& session,
                                     std::map<std::string, std::string> settings) {
  std::swap(session.system_variables, settings);
  Result<ResultSet> tried = co_await PassOn(ctx, session, std::string(), "select 1 from dual");
  if (!tried.ok()) {
    std::swap(session.system_variables, settings);
    co_return std::move(tried).error();
  }
  std::string changed;
  for (const auto& [name, value] : session.system_variables) {
    const auto before = settings.find(name);
    if (std::find(std::begin(kNeverTheSame), std::end(kNeverTheSame), name) !=
        std::end(kNeverTheSame))
      continue;
    if (before == settings.end() || before->second != value)
      changed += (changed.empty() ? "set " : ", ") + name + " = " + value;
  }
  if (!changed.empty()) co_await WarnOfSetting(ctx, session, std::move(changed));
  co_return Ok{};
}

// What a server warns of when it is told the setting. The session's settings reach servers with its
// next statements, on connections that perhaps have them already, so a connection is asked that has
// just got this one; what it said is kept for others who set the same. Without an answer there are
// no warnings: the setting has been taken.
Task<> Executor::WarnOfSetting(const Context& ctx, Session& session, std::string setting) {
  constexpr size_t kMostKept = 1000;
  auto kept = setting_warnings_.find(setting);
  if (kept == setting_warnings_.end()) {
    // Without the other settings, whose warnings would be told as well.
    std::map<std::string, std::string> others;
    others.swap(session.system_variables);
    Result<ResultSet> said = co_await AskBehind(ctx, session, setting, "show warnings");
    others.swap(session.system_variables);
    if (!said.ok() || !said->Decode().ok()) co_return;
    if (setting_warnings_.size() >= kMostKept) setting_warnings_.clear();
    kept = setting_warnings_.emplace(std::move(setting), WarningsOf(*said)).first;
  }
  session.warnings.insert(session.warnings.end(), kept->second.begin(), kept->second.end());
}

// The answer to `sql` on a connection of its own, right behind another statement.
Task<Result<ResultSet>> Executor::AskBehind(const Context& ctx, Session& session,
                                            std::string_view first, std::string_view sql) {
  CO_TRY(const std::string keyspace, KeyspaceFor(session, std::string()));
  keys::Destination destination = keys::Destination::AnyShard();
  if (session.target.destination && session.target.keyspace == keyspace)
    destination = *session.target.destination;
  SessionExec exec(*this, session);
  CO_TRY(const std::vector<std::string> shards, co_await exec.Resolve(ctx, keyspace, destination));
  if (shards.empty())
    co_return Errorf(Code::kUnavailable, "keyspace {} has no serving shard", keyspace);
  const sqltypes::BindVars none;
  engine::ShardQuery query{shards.front(), sql, &none};
  query.complete = true;
  const std::vector<std::string> before(1, std::string(first));
  co_return co_await exec.ExecutePrepared(ctx, keyspace, query, before);
}

// SET NAMES, SET CHARACTER SET: what tablets' connections must have, so that they read the client's
// bytes and answer in them.
Task<Result<>> Executor::SetNames(const Context& ctx, Session& session, const SetItem& item) {
  const bool by_default = item.value->Is<sqlparser::DefaultExpr>();
  const std::string charset = by_default ? kDefaultCharset : SettingWord(*item.value);
  const bool known = std::all_of(charset.begin(), charset.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!IsForClients(charset)) co_return NotForClients(charset);
  // The word alone means the default; in quotes it would be a character set's name.
  const bool quoted_word = charset == "default" && item.value->Is<sqlparser::Literal>();
  if (!known || quoted_word || charset.empty()) {
    const auto* literal = item.value->As<sqlparser::Literal>();
    co_return Errorf(Code::kInvalidArgument, "Unknown character set: '{}'",
                     literal == nullptr ? std::string_view(charset) : literal->text)
        .WithMysql(1115, "42000");
  }
  std::map<std::string, std::string> settings = session.system_variables;
  settings["character_set_client"] = charset;
  settings["character_set_results"] = charset;
  settings.erase("collation_connection");
  const bool names = AsciiLower(item.variable->name.text) == "names";
  settings["character_set_connection"] = names ? charset : "@@character_set_database";
  if (!item.collate.empty()) settings["collation_connection"] = std::string(item.collate);
  const bool is_default = charset == kDefaultCharset && item.collate.empty() && names;
  if (is_default && !session.system_variables.contains("character_set_client")) co_return Ok{};
  co_return co_await TrySettings(ctx, session, std::move(settings));
}

namespace {

// Whether a user variable keeps all of a value when other connections are told it as a literal:
// those have the client's character set, and no types of their own but numbers and text.
bool KeepsAsLiteral(const sqlparser::Expr& value, bool other_charset) {
  if (value.Is<sqlparser::Literal>() || value.Is<sqlparser::NullLiteral>()) {
    const auto* literal = value.As<sqlparser::Literal>();
    return literal == nullptr || (literal->type != sqlparser::LiteralType::kHexNumber &&
                                  literal->type != sqlparser::LiteralType::kHexString &&
                                  literal->type != sqlparser::LiteralType::kBit);
  }
  if (value.Is<sqlparser::Variable>()) return true;
  bool keeps = !other_charset;
  sqlparser::Walk(&value, [&](const sqlparser::Node& n) {
    const auto* call = n.As<sqlparser::FuncCall>();
    const bool spatial =
        call != nullptr && (AsciiLower(call->name.text).starts_with("st_") ||
                            AsciiLower(call->name.text).find("geom") != std::string::npos);
    if (spatial || n.Is<sqlparser::CastExpr>() || n.Is<sqlparser::ConvertUsing>() ||
        n.Is<sqlparser::CollateExpr>() || n.Is<sqlparser::IntroducerExpr>())
      keeps = false;
    return keeps ? sqlparser::Visit::kContinue : sqlparser::Visit::kStop;
  });
  return keeps;
}

}  // namespace

Task<Result<>> Executor::SetOne(const Context& ctx, Session& session, const SetItem& item) {
  const VariableScope scope = item.variable->scope;
  const std::string name = AsciiLower(item.variable->name.text);
  const sqlparser::Expr& value = *item.value;
  if (scope == VariableScope::kUser) {
    const bool other_charset = session.system_variables.contains("character_set_results");
    if (session.may_attach && HasOneServer(session) && !KeepsAsLiteral(value, other_charset))
      co_return Unsupported("SET of a user variable to a value whose sort must be kept");
    CO_TRY(StoredValue evaluated, co_await Evaluate(ctx, session, value));
    session.user_variables[name] = std::move(evaluated);
    co_return Ok{};
  }
  if (scope == VariableScope::kGlobal || scope == VariableScope::kPersist ||
      scope == VariableScope::kPersistOnly || scope == VariableScope::kVitessMetadata)
    co_return Unsupported("SET of other than session variables: " + name);
  if (name == "autocommit") {
    CO_TRY(const bool on, SettingFlag(name, value));
    if (on && session.in_transaction) {
      CO_TRY_OK(co_await scatter_.Commit(ctx, session));
    }
    session.autocommit = on;
    if (session.attached != nullptr) {
      const std::string there = fmt::format("set autocommit = {}", on ? 1 : 0);
      CO_TRY_OK(co_await session.attached->Execute(ctx, there));
    }
    co_return Ok{};
  }
  if (name == "names" || name == "charset") {
    co_return co_await SetNames(ctx, session, item);
  }
  if (name == "transaction_mode") {
    const std::string mode = SettingWord(value);
    if (mode != "single" && mode != "multi" && mode != "unspecified")
      co_return Errorf(Code::kInvalidArgument, "invalid transaction_mode: {}; single or multi",
                       mode)
          .WithMysql(1231, "42000");
    session.transaction_mode =
        mode == "single" ? TransactionMode::kSingle : TransactionMode::kMulti;
    co_return Ok{};
  }
  if (name == "query_timeout") {
    const std::string word = SettingWord(value);
    int64_t milliseconds = -1;
    const char* const last = word.data() + word.size();
    const auto [end, error] = std::from_chars(word.data(), last, milliseconds);
    if (error != std::errc() || end != last || milliseconds < 0)
      co_return Errorf(Code::kInvalidArgument, "query_timeout {} is no number of milliseconds",
                       word)
          .WithMysql(1231, "42000");
    session.query_timeout = std::chrono::milliseconds(milliseconds);
    co_return Ok{};
  }
  if (name == "wait_timeout") {
    session.wait_timeout.reset();
    if (value.Is<sqlparser::DefaultExpr>()) co_return Ok{};
    CO_TRY(const StoredValue seconds, co_await Evaluate(ctx, session, value));
    co_return SetWaitTimeout(session, seconds.view());
  }
  if (name == "workload") {
    using queryservice::Workload;
    static const std::map<std::string, Workload> kWorkloads = {{"unspecified", Workload::kOltp},
                                                               {"default", Workload::kOltp},
                                                               {"oltp", Workload::kOltp},
                                                               {"olap", Workload::kOlap},
                                                               {"dba", Workload::kDba}};
    const auto at = kWorkloads.find(SettingWord(value));
    if (at == kWorkloads.end())
      co_return Errorf(Code::kInvalidArgument, "invalid workload: {}; oltp, olap or dba",
                       SettingWord(value))
          .WithMysql(1231, "42000");
    session.options.workload = at->second;
    co_return Ok{};
  }
  if (scope == VariableScope::kNextTx && session.in_transaction)
    co_return Error(
        Code::kFailedPrecondition,
        "Transaction characteristics can't be changed while a transaction is in progress")
        .WithMysql(1568, "25001");
  if (name == "transaction_isolation" || name == "tx_isolation") {
    std::string level = SettingWord(value);
    std::replace(level.begin(), level.end(), ' ', '-');
    using queryservice::Isolation;
    static const std::map<std::string, Isolation> kLevels = {
        {"default", Isolation::kDefault},
        {"repeatable-read", Isolation::kRepeatableRead},
        {"read-committed", Isolation::kReadCommitted},
        {"read-uncommitted", Isolation::kReadUncommitted},
        {"serializable", Isolation::kSerializable}};
    const auto at = kLevels.find(level);
    if (at == kLevels.end())
      co_return Errorf(Code::kInvalidArgument,
                       "Variable 'transaction_isolation' can't be set to the value of '{}'", level)
          .WithMysql(1231, "42000");
    if (scope == VariableScope::kNextTx) {
      if (!session.isolation_after) session.isolation_after = session.options.isolation;
      session.options.isolation = at->second;
    } else if (session.in_transaction) {
      // The one under way goes on as it is.
      session.isolation_after = at->second;
    } else {
      session.isolation_after.reset();
      session.options.isolation = at->second;
    }
    co_return Ok{};
  }
  if (name == "transaction_read_only" || name == "tx_read_only") {
    CO_TRY(const bool on, SettingFlag(name, value));
    const bool next_only = scope == VariableScope::kNextTx;
    if (next_only && !session.read_only_after) session.read_only_after = session.read_only;
    if (!next_only) session.read_only_after.reset();
    session.read_only = on;
    session.options.access_modes.clear();
    if (on) session.options.access_modes.push_back(queryservice::AccessMode::kReadOnly);
    co_return Ok{};
  }
  if (name == "client_found_rows") {
    CO_TRY(const bool on, SettingFlag(name, value));
    session.options.client_found_rows = on;
    co_return Ok{};
  }
  if (name == "session_track_gtids") {
    const std::string word = SettingWord(value);
    const bool on = word == "own_gtid" || word == "1";
    if (!on && word != "off" && word != "0" && word != "default")
      co_return Errorf(Code::kInvalidArgument,
                       "Variable 'session_track_gtids' can't be set to the value of '{}'; "
                       "own_gtid or off",
                       word)
          .WithMysql(1231, "42000");
    session.read_after_write.track = on;
    co_return Ok{};
  }
  if (name == "resultset_metadata") {
    const std::string word = SettingWord(value);
    const bool none = word == "none" || word == "0";
    const bool full = word == "full" || word == "1" || word == "default";
    if (!full && !(none && session.may_leave_out_columns))
      co_return Errorf(Code::kInvalidArgument,
                       "Variable 'resultset_metadata' can't be set to the value of '{}'{}", word,
                       none ? ": the client has not agreed on optional metadata" : "")
          .WithMysql(1231, "42000");
    session.leaves_out_columns = none;
    co_return Ok{};
  }
  if (name == "read_after_write_gtid") {
    // A server that is asked for the value does not wait for the position before.
    std::string before = std::exchange(session.read_after_write.gtid, std::string());
    Result<> set = Ok{};
    if (!value.Is<sqlparser::DefaultExpr>()) {
      const Result<StoredValue> gtid = co_await Evaluate(ctx, session, value);
      set = gtid.ok() ? SetReadAfterWrite(session, gtid->bytes) : gtid.error();
    }
    if (!set.ok()) session.read_after_write.gtid = std::move(before);
    co_return set;
  }
  if (name == "read_after_write_timeout") {
    constexpr double kMostSeconds = 86'400;
    const std::string word = SettingWord(value);
    const char* const last = word.data() + word.size();
    double seconds = -1;
    const auto [end, error] = std::from_chars(word.data(), last, seconds);
    if (error != std::errc() || end != last || !(seconds > 0) || seconds > kMostSeconds)
      co_return Errorf(Code::kInvalidArgument,
                       "read_after_write_timeout {} is no number of seconds, up to a day", word)
          .WithMysql(1231, "42000");
    session.read_after_write.timeout =
        std::chrono::milliseconds(static_cast<int64_t>(std::ceil(seconds * 1e3)));
    co_return Ok{};
  }
  if (name == "last_insert_id" || name == "identity") {
    CO_TRY(const StoredValue id, co_await Evaluate(ctx, session, value));
    CO_TRY(session.last_insert_id, id.view().ToUint64());
    co_return Ok{};
  }
  // What a server then tells, only it can know. (Other variables of this sort are set by connectors
  // at each login, and are no reason for a connection of one's own.)
  if (AsksForState(name, value) && session.tracks && session.may_attach && HasOneServer(session))
    co_return Unsupported("SET of " + name + " without a connection of its own");
  // What SHOW PROFILES tells is of one connection.
  if (name == "profiling" && session.may_attach && HasOneServer(session)) {
    CO_TRY(const bool on, SettingFlag(name, value));
    if (on) co_return Unsupported("SET of profiling without a connection of its own");
  }
  // COMMIT then begins another transaction, or ends the connection: not those of a pool.
  if (name == "completion_type") {
    const std::string word = SettingWord(value);
    if (word != "0" && word != "no_chain" && word != "default")
      co_return Unsupported("SET of completion_type without a connection of its own");
  }
  // `where id is null` then means the row that this connection has just inserted.
  if (name == "sql_auto_is_null") {
    CO_TRY(const bool on, SettingFlag(name, value));
    if (on) co_return Unsupported("SET of sql_auto_is_null without a connection of its own");
  }
  if (name == "session_track_system_variables" && session.tracks) {
    session.tracked_settings.reset();
    if (value.Is<sqlparser::DefaultExpr>()) co_return Ok{};
    CO_TRY(StoredValue names, co_await Evaluate(ctx, session, value));
    if (names.is_null())
      co_return Errorf(Code::kInvalidArgument, "Variable '{}' can't be set to the value of 'NULL'",
                       name)
          .WithMysql(1231, "42000");
    session.tracked_settings = ReadTracked(std::move(names.bytes));
    co_return Ok{};
  }
  if (IsIgnored(name)) co_return Ok{};
  co_return co_await SetSystem(ctx, session, name, value);
}

namespace {

// A mode that is refused is so before other items of the SET are done.
Result<> CheckSqlModes(const sqlparser::SetStatement& set) {
  for (const SetItem* item : set.items) {
    const auto* mode = item->value->As<sqlparser::Literal>();
    const VariableScope scope = item->variable->scope;
    if (mode == nullptr || scope == VariableScope::kUser || scope == VariableScope::kGlobal ||
        !Ident::EqualNoCase(item->variable->name.text, "sql_mode"))
      continue;
    TRY_OK(internal::CheckSqlMode(mode->text));
  }
  return Ok{};
}

}  // namespace

Task<Result<>> Executor::Set(const Context& ctx, Session& session,
                             const sqlparser::SetStatement& set) {
  CO_TRY_OK(CheckSqlModes(set));
  const bool reached = session.reached_shards;
  for (const SetItem* item : set.items) {
    const Result<> done = co_await SetOne(ctx, session, *item);
    if (done.ok()) continue;
    // The first has asked for its value at most, so that the whole may run elsewhere.
    const bool nothing_done = item == set.items.front();
    if (nothing_done && done.error().code() == Code::kUnimplemented)
      session.reached_shards = reached;
    co_return done;
  }
  co_await TellSettings(ctx, session, set);
  co_return Ok{};
}

// A client that has named settings hears their values as servers show them: one is asked. That it
// cannot tell is no failure of the SET.
Task<> Executor::TellSettings(const Context& ctx, Session& session,
                              const sqlparser::SetStatement& set) {
  if (!session.tracks || !session.tracked_settings) co_return;
  const std::vector<std::string> names = TrackedOf(set, *session.tracked_settings);
  if (names.empty()) co_return;
  std::string sql = "show session variables where variable_name in (";
  for (const std::string& name : names) {
    if (sql.back() != '(') sql += ", ";
    sqltypes::AppendSql(sqltypes::Value(sqltypes::Type::kVarChar, name), sql);
  }
  sql += ")";
  std::vector<sqltypes::Warning> warnings = std::move(session.warnings);
  Result<ResultSet> shown = co_await ExecuteOther(ctx, session, sql);
  session.warnings = std::move(warnings);
  if (!shown.ok() || !shown->Decode().ok()) co_return;
  for (size_t i = 0; i < shown->row_count(); ++i) {
    const auto row = std::as_const(*shown).row(i);
    session.told_settings.emplace_back(row[0].raw(), row[1].raw());
  }
}

}  // namespace tessera::vtgate
