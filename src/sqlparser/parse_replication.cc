// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

enum class OptionValue : uint8_t {
  kNumber,
  kString,
  kStringOrNull,
  kNumberList,      // (1, 2)
  kGtidPosition,    // MariaDB's USE_GTID
  kKeyCheck,        // REQUIRE_TABLE_PRIMARY_KEY_CHECK
  kUserOrNull,      // PRIVILEGE_CHECKS_USER
  kAnonymousGtids,  // OFF, LOCAL or a UUID
};

enum OptionOwner : uint8_t { kMariadb = 1, kMysql = 2, kBoth = 3 };

struct ReplicationOption {
  std::string_view name;
  OptionValue value;
  OptionOwner owner;
};

// CHANGE MASTER is MariaDB's and CHANGE REPLICATION SOURCE MySQL's. These are whole names ...
constexpr ReplicationOption kOwnOptions[] = {
    {"assign_gtids_to_anonymous_transactions", OptionValue::kAnonymousGtids, kMysql},
    {"do_domain_ids", OptionValue::kNumberList, kMariadb},
    {"get_source_public_key", OptionValue::kNumber, kMysql},
    {"gtid_only", OptionValue::kNumber, kMysql},
    {"ignore_domain_ids", OptionValue::kNumberList, kMariadb},
    {"ignore_server_ids", OptionValue::kNumberList, kBoth},
    {"network_namespace", OptionValue::kString, kMysql},
    {"privilege_checks_user", OptionValue::kUserOrNull, kMysql},
    {"relay_log_file", OptionValue::kString, kBoth},
    {"relay_log_pos", OptionValue::kNumber, kBoth},
    {"require_row_format", OptionValue::kNumber, kMysql},
    {"require_table_primary_key_check", OptionValue::kKeyCheck, kMysql},
};

// ... and these stand behind master_ or source_.
constexpr ReplicationOption kSourceOptions[] = {
    {"auto_position", OptionValue::kNumber, kMysql},
    {"bind", OptionValue::kString, kMysql},
    {"compression_algorithms", OptionValue::kString, kMysql},
    {"connect_retry", OptionValue::kNumber, kBoth},
    {"connection_auto_failover", OptionValue::kNumber, kMysql},
    {"delay", OptionValue::kNumber, kBoth},
    {"demote_to_replica", OptionValue::kNumber, kMariadb},
    {"demote_to_slave", OptionValue::kNumber, kMariadb},
    {"heartbeat_period", OptionValue::kNumber, kBoth},
    {"host", OptionValue::kString, kBoth},
    {"log_file", OptionValue::kString, kBoth},
    {"log_pos", OptionValue::kNumber, kBoth},
    {"password", OptionValue::kString, kBoth},
    {"port", OptionValue::kNumber, kBoth},
    {"public_key_path", OptionValue::kString, kMysql},
    {"retry_count", OptionValue::kNumber, kMysql},
    {"ssl", OptionValue::kNumber, kBoth},
    {"ssl_ca", OptionValue::kString, kBoth},
    {"ssl_capath", OptionValue::kString, kBoth},
    {"ssl_cert", OptionValue::kString, kBoth},
    {"ssl_cipher", OptionValue::kString, kBoth},
    {"ssl_crl", OptionValue::kString, kBoth},
    {"ssl_crlpath", OptionValue::kString, kBoth},
    {"ssl_key", OptionValue::kString, kBoth},
    {"ssl_verify_server_cert", OptionValue::kNumber, kBoth},
    {"tls_ciphersuites", OptionValue::kStringOrNull, kMysql},
    {"tls_version", OptionValue::kString, kMysql},
    {"use_gtid", OptionValue::kGtidPosition, kMariadb},
    {"user", OptionValue::kString, kBoth},
    {"zstd_compression_level", OptionValue::kNumber, kMysql},
};

// The option a word names, or null.
const ReplicationOption* FindReplicationOption(std::string_view word, bool mysql) {
  const OptionOwner owner = mysql ? kMysql : kMariadb;
  for (const ReplicationOption& option : kOwnOptions) {
    if ((option.owner & owner) != 0 && Ident::EqualNoCase(word, option.name)) return &option;
  }
  const std::string_view prefix = mysql ? "source_" : "master_";
  if (!Ident::EqualNoCase(word.substr(0, prefix.size()), prefix)) return nullptr;
  word.remove_prefix(prefix.size());
  for (const ReplicationOption& option : kSourceOptions) {
    if ((option.owner & owner) != 0 && Ident::EqualNoCase(word, option.name)) return &option;
  }
  return nullptr;
}

}  // namespace

// master_host = 'x', do_domain_ids = (1, 2), ...
std::string_view Parser::ParseReplicationOption(bool mysql) {
  const ReplicationOption* option = FindReplicationOption(TokenText(Cur()), mysql);
  if (!At(Tok::kWord) || option == nullptr) {
    Fail();
    return {};
  }
  Clause text(*this);
  text.Add(Lower(TokenText(Cur())));
  Advance();
  text.Equal(false);
  switch (option->value) {
    case OptionValue::kNumber:
      if (At(Tok::kMinus)) Fail();
      text.Number();
      break;
    case OptionValue::kString:
      text.String();
      break;
    case OptionValue::kStringOrNull:
      if (!text.Accept("null")) text.String();
      break;
    case OptionValue::kNumberList:
      text.IntegerList();
      break;
    case OptionValue::kGtidPosition:
      text.ExpectOne({"current_pos", "slave_pos", "replica_pos", "no"});
      break;
    case OptionValue::kKeyCheck:
      text.ExpectOne({"stream", "on", "off", "generate"});
      break;
    case OptionValue::kUserOrNull:
      if (!text.Accept("null")) text.User();
      break;
    case OptionValue::kAnonymousGtids:
      if (!text.AcceptOne({"off", "local"})) text.String();
      break;
  }
  return text.Take();
}

// MariaDB's name of a connection behind MASTER, SLAVE: 'name'; empty without one.
std::string_view Parser::ParseConnectionName() {
  if (!At(Tok::kString)) return {};
  Clause name(*this);
  name.String();
  return name.Take();
}

const Statement* Parser::ParseChange() {
  if (AtPhrase("change replication filter")) return ParseReplicationFilter();
  ChangeMaster* node = New<ChangeMaster>();
  node->replication_source = AcceptPhrase("change replication source");
  if (!node->replication_source) {
    ExpectPhrase("change master");
    node->connection = ParseConnectionName();
  }
  Expect(Kw::kTo);
  std::vector<std::string_view> options;
  do {
    options.push_back(ParseReplicationOption(node->replication_source));
  } while (Accept(Tok::kComma));
  node->options = StoreTexts(options);
  node->channel = ParseForChannel();
  return node;
}

// REPLICATE_DO_DB = (a, b), REPLICATE_WILD_DO_TABLE = ('a%'), REPLICATE_REWRITE_DB = ((a, b))
const Statement* Parser::ParseReplicationFilter() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kChangeReplicationFilter;
  Clause text(*this);
  text.Expect("change replication filter");
  do {
    text.ExpectOne({"replicate_do_db", "replicate_ignore_db", "replicate_do_table",
                    "replicate_ignore_table", "replicate_wild_do_table",
                    "replicate_wild_ignore_table", "replicate_rewrite_db"});
    text.Equal(false);
    ParseFilterList(text);
  } while (text.Comma());
  const std::string_view channel = ParseForChannel();
  if (!channel.empty()) {
    text.Add("for channel");
    text.Add(channel);
  }
  node->text = text.Take();
  return node;
}

void Parser::ParseFilterList(Clause& text) {
  Expect(Tok::kLeftParen);
  text.Add("(");
  if (!At(Tok::kRightParen)) {
    do {
      if (Accept(Tok::kLeftParen)) {
        text.Add("(");
        text.Name();
        if (!text.Comma()) Fail();
        text.Name();
        Expect(Tok::kRightParen);
        text.Append(")");
        continue;
      }
      if (At(Tok::kString)) {
        text.String();
      } else {
        text.QualifiedName();
      }
    } while (text.Comma());
  }
  Expect(Tok::kRightParen);
  text.Append(")");
}

// Behind START: SLAVE ['name'] [thread, ...] [UNTIL ...] [USER = ...] [FOR CHANNEL 'x'], ...
const Statement* Parser::ParseReplicaCommand(bool stop) {
  ReplicaCommand* node = New<ReplicaCommand>();
  Advance();
  node->stop = stop;
  Clause who(*this);
  who.ExpectOne({"all slaves", "all replicas", "slave", "replica", "group_replication"});
  node->who = who.Take();
  const bool group = node->who == "group_replication";
  if (group) {
    if (!stop && !AtEnd()) node->login = ParseReplicaLogin(true);
    return node;
  }
  if (!node->who.starts_with("all")) node->connection = ParseConnectionName();
  std::vector<std::string_view> threads;
  do {
    Clause thread(*this);  // both servers take empty ones
    if (thread.AcceptOne({"sql_thread", "io_thread", "relay_thread"})) {
      threads.push_back(thread.Take());
    }
  } while (Accept(Tok::kComma));
  node->threads = StoreTexts(threads);
  if (!stop && Accept(Kw::kUntil)) node->until = ParseReplicaUntil();
  if (!stop) node->login = ParseReplicaLogin(false);
  node->channel = ParseForChannel();
  return node;
}

std::span<const std::string_view> Parser::ParseReplicaUntil() {
  std::vector<std::string_view> until;
  do {
    Clause option(*this);
    if (option.AcceptOne({"sql_after_mts_gaps", "sql_after_gaps"})) {
    } else if (option.AcceptOne({"master_log_pos", "source_log_pos", "relay_log_pos"})) {
      option.Equal(false);
      option.Number();
    } else {
      const bool alone = AtPhrase("master_gtid_pos") || AtPhrase("sql_after_gtids") ||
                         AtPhrase("sql_before_gtids");
      option.ExpectOne({"master_log_file", "source_log_file", "relay_log_file", "master_gtid_pos",
                        "sql_after_gtids", "sql_before_gtids"});
      option.Equal(false);
      option.String();
      if (alone && (At(Tok::kComma) || !until.empty())) Fail();
    }
    until.push_back(option.Take());
  } while (Accept(Tok::kComma));
  return StoreTexts(until);
}

// USER = 'x' [,] PASSWORD = 'x' ...: group replication divides them by commas.
std::span<const std::string_view> Parser::ParseReplicaLogin(bool commas) {
  std::vector<std::string_view> login;
  do {
    Clause option(*this);
    if (!option.AcceptOne({"user", "password", "default_auth", "plugin_dir"})) {
      if (commas) Fail();
      break;
    }
    option.Equal(false);
    option.String();
    login.push_back(option.Take());
  } while (!commas || Accept(Tok::kComma));
  return StoreTexts(login);
}

// RESET {MASTER | BINARY LOGS AND GTIDS} [TO n], SLAVE ..., QUERY CACHE; RESET PERSIST [name]
const Statement* Parser::ParseReset() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kReset;
  Clause text(*this);
  text.Expect("reset");
  if (text.Accept("persist")) {
    text.Accept("if exists");
    if (!AtEnd()) {
      text.QualifiedName();
    }
    node->text = text.Take();
    return node;
  }
  do {
    if (text.Accept("query cache")) continue;
    if (text.AcceptOne({"master", "binary logs and gtids"})) {
      if (text.Accept("to")) text.Integer();
      continue;
    }
    text.ExpectOne({"slave", "replica"});
    text.AddSome(ParseConnectionName());
    text.Accept("all");
    const std::string_view channel = ParseForChannel();
    if (!channel.empty()) {
      text.Add("for channel");
      text.Add(channel);
    }
  } while (text.Comma());
  node->text = text.Take();
  return node;
}

const Statement* Parser::ParsePurge() {
  PurgeBinaryLogs* node = New<PurgeBinaryLogs>();
  Advance();
  if (!Accept(Kw::kBinary)) Expect(Kw::kMaster);
  Expect(Kw::kLogs);
  if (Accept(Kw::kBefore)) {
    node->before = ParseExpr();
  } else {
    Expect(Kw::kTo);
    Literal* log = New<Literal>();
    log->text = OneString();
    node->to = log;
  }
  return node;
}

}  // namespace tessera::sqlparser
