// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltool/sql_command.h"

#include <cstdio>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "flags/flag_set.h"
#include "sqlparser/fingerprint.h"
#include "sqlparser/split.h"
#include "sqlparser/visitor.h"

namespace tessera::sqltool {

using nlohmann::ordered_json;
using sqlparser::ErrorPlace;

namespace {

constexpr std::string_view kTrailer =
    "\nCommands:\n"
    "  format       the statement in canonical form, or as a server takes it (--dialect server)\n"
    "  fingerprint  its hash, its text with bind variables, and the values\n"
    "  redact       its text with every value removed\n"
    "  ast          its syntax tree\n"
    "\n"
    "The statement is the last argument, or standard input. With --jsonl each line of standard\n"
    "input is {\"sql\": \"...\"} and is answered by a line {\"ok\": ...} or {\"error\": ...}.\n"
    "\n"
    "  tessera sql format 'SELECT  1 FROM t WHERE id=5'\n"
    "  tessera sql fingerprint --jsonl < statements.jsonl\n";

// As text; bytes that are no UTF-8 become marks of replacement.
std::string Dumped(const ordered_json& value, int indent = -1) {
  return value.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

ordered_json Value(const sqlparser::FingerprintValue& value, const sqlparser::Fingerprint& all) {
  if (value.type != sqlparser::ValueType::kTuple)
    return {{"type", sqlparser::ValueTypeName(value.type)}, {"value", value.bytes}};
  ordered_json items = ordered_json::array();
  for (uint32_t i = value.tuple_begin; i < value.tuple_end; ++i)
    items.push_back(Value(all.items[i], all));
  return {{"type", sqlparser::ValueTypeName(value.type)}, {"values", std::move(items)}};
}

ordered_json FingerprintJson(const sqlparser::Fingerprint& fingerprint) {
  ordered_json values = ordered_json::object();
  for (size_t i = 0; i < fingerprint.values.size(); ++i)
    values[fmt::format("vtg{}", i + 1)] = Value(fingerprint.values[i], fingerprint);
  return {{"hash", fmt::format("{:016x}", fingerprint.hash)},
          {"kind", sqlparser::StatementKindName(fingerprint.kind)},
          {"text", fingerprint.text},
          {"values", std::move(values)},
          {"directives", fingerprint.directives}};
}

// The verb's answer as JSON; a plain string for all but fingerprint.
Result<ordered_json> Answer(std::string_view sql, const SqlOptions& options, ErrorPlace* place) {
  switch (options.verb) {
    case SqlVerb::kFingerprint: {
      sqlparser::Fingerprint fingerprint;
      TRY_OK(fingerprint.Scan(sql, options.parse));
      return FingerprintJson(fingerprint);
    }
    case SqlVerb::kRedact:
      return ordered_json(sqlparser::Redact(sql, options.parse));
    case SqlVerb::kAst:
    case SqlVerb::kFormat:
      break;
  }
  Arena arena;
  TRY(const sqlparser::Statement* statement, sqlparser::Parse(arena, sql, options.parse, place));
  if (options.verb == SqlVerb::kAst) return ordered_json(sqlparser::Dump(statement));
  return ordered_json(sqlparser::ToString(statement, options.print));
}

ordered_json ErrorJson(std::string_view sql, const Error& error, const ErrorPlace& place) {
  ordered_json out = {{"error", error.message()}, {"errno", error.mysql_errno()}};
  if (!place.known) return out;
  out["position"] = place.end + 1;
  out["line"] = place.line;
  out["column"] = place.column;
  out["mysql"] = sqlparser::MysqlSyntaxMessage(sql, place.begin);
  return out;
}

std::string ReadStandardInput() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

int AnswerLines(const SqlOptions& options) {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);)
    std::cout << AnswerLine(line, options) << '\n';
  std::cout.flush();
  return std::cout ? 0 : 1;
}

int Wrong(const Error& error) {
  std::fprintf(stderr, "tessera sql: %s\n", error.ToString().c_str());
  return 2;
}

}  // namespace

std::optional<SqlVerb> SqlVerbFromWord(std::string_view word) {
  if (word == "format") return SqlVerb::kFormat;
  if (word == "fingerprint") return SqlVerb::kFingerprint;
  if (word == "redact") return SqlVerb::kRedact;
  if (word == "ast") return SqlVerb::kAst;
  return std::nullopt;
}

bool AnswerText(std::string_view sql, const SqlOptions& options, std::string& out) {
  ErrorPlace place;
  const Result<ordered_json> answer = Answer(sql, options, &place);
  if (answer.ok()) {
    out = answer->is_string() ? answer->get<std::string>() : Dumped(*answer, 2);
    out += '\n';
    return true;
  }
  out = answer.error().ToString() + "\n";
  if (place.known) out += sqlparser::CaretForm(sql, place);
  return false;
}

std::string AnswerLine(std::string_view line, const SqlOptions& options) {
  const ordered_json in = ordered_json::parse(line, nullptr, false);
  if (!in.is_object() || !in.contains("sql") || !in["sql"].is_string())
    return Dumped({{"error", "a line must be a JSON object with a string \"sql\""}});
  SqlOptions own = options;
  if (in.contains("sql_mode")) {
    if (!in["sql_mode"].is_string()) return Dumped({{"error", "\"sql_mode\" must be a string"}});
    own.parse.mode = sqlparser::ParseSqlMode(in["sql_mode"].get<std::string>());
  }
  const auto sql = in["sql"].get<std::string>();
  ErrorPlace place;
  Result<ordered_json> answer = Answer(sql, own, &place);
  if (answer.ok()) return Dumped({{"ok", *std::move(answer)}});
  return Dumped(ErrorJson(sql, answer.error(), place));
}

int RunSql(const std::vector<std::string>& words) {
  flags::Flag<bool> jsonl{"jsonl", false, "Answer JSON lines from standard input."};
  flags::Flag<bool> strict{
      "strict", false, "Refuse what is known by its first words only, and DDL with a tail unread."};
  flags::Flag<bool> quote_all{"quote-all", false, "format: every identifier in backquotes."};
  flags::Flag<std::string> dialect{"dialect", "canonical", "format: canonical or server."};
  flags::Flag<std::string> sql_mode{"sql-mode", "", "sql_mode that the text was written for."};
  flags::FlagSet set("tessera sql", "Reads one SQL statement, or a stream of them.",
                     "format|fingerprint|redact|ast [flags] [SQL]");
  set.Add(jsonl, strict, quote_all, dialect, sql_mode);
  const Result<std::vector<std::string>> rest = set.Parse(words);
  if (set.help_asked()) {
    std::printf("%s%s", set.Help().c_str(), std::string(kTrailer).c_str());
    return 0;
  }
  if (!rest.ok()) return Wrong(rest.error());
  const std::optional<SqlVerb> verb = rest->empty() ? std::nullopt : SqlVerbFromWord(rest->front());
  if (!verb || rest->size() > 2)
    return Wrong(Error(Code::kInvalidArgument, "one of format, fingerprint, redact, ast is needed")
                     .WithHint("tessera sql --help"));
  if (*dialect != "canonical" && *dialect != "server")
    return Wrong(Errorf(Code::kInvalidArgument, "there is no dialect '{}'", *dialect)
                     .WithHint("canonical or server"));
  SqlOptions options;
  options.verb = *verb;
  options.parse.allow_other = options.parse.allow_partial_ddl = !*strict;
  options.parse.mode = sqlparser::ParseSqlMode(*sql_mode);
  options.print.quote_all = *quote_all;
  if (*dialect == "server") {
    options.print.dialect = sqlparser::Dialect::kServer;
    options.print.question_marks = true;
  }
  if (*jsonl) return AnswerLines(options);
  std::string out;
  const bool good = AnswerText(rest->size() == 2 ? (*rest)[1] : ReadStandardInput(), options, out);
  std::fputs(out.c_str(), good ? stdout : stderr);
  return good ? 0 : 1;
}

}  // namespace tessera::sqltool
