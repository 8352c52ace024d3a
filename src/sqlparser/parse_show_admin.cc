// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {
namespace {

// MariaDB's statistics, with WHERE, and tables of its plugins, with LIKE or WHERE.
const std::initializer_list<std::string_view> kStatistics = {
    "client_statistics", "index_statistics", "table_statistics", "user_statistics"};
const std::initializer_list<std::string_view> kPluginTables = {"disks",
                                                               "feedback",
                                                               "locales",
                                                               "metadata_lock_info",
                                                               "query_cache_info",
                                                               "query_response_time",
                                                               "query_response_time_read",
                                                               "query_response_time_read_write",
                                                               "query_response_time_write",
                                                               "sql_error_log",
                                                               "thread_pool_groups",
                                                               "thread_pool_queues",
                                                               "thread_pool_stats",
                                                               "thread_pool_waits",
                                                               "user_variables",
                                                               "wsrep_membership",
                                                               "wsrep_status"};

const std::initializer_list<std::string_view> kProfileTypes = {
    "all",    "block io",    "context switches", "cpu",  "ipc",
    "memory", "page faults", "source",           "swaps"};

}  // namespace

// SHOW PROFILE [type, ...] [FOR QUERY n] [LIMIT n [OFFSET m]]
void Parser::ParseShowProfile(Clause& text) {
  if (text.AcceptOne(kProfileTypes)) {
    while (text.Comma()) text.ExpectOne(kProfileTypes);
  }
  if (text.Accept("for query")) text.Integer();
}

// [IN 'file'] [FROM position]
void Parser::ParseShowEvents(Clause& text) {
  text.Expect("events");
  if (text.Accept("in")) text.String();
  if (text.Accept("from")) text.Integer();
}

// SHOW {SLAVE | REPLICA | ALL SLAVES} STATUS, SLAVE HOSTS, REPLICAS
ShowType Parser::ParseShowReplica(Clause& text) {
  if (text.AcceptOne({"all slaves status", "all replicas status"})) return ShowType::kReplicaStatus;
  if (text.AcceptOne({"slave hosts", "replica hosts", "replicas"})) return ShowType::kReplicas;
  text.ExpectOne({"slave", "replica"});
  text.AddSome(ParseConnectionName());
  text.Expect("status");
  text.Accept("nonblocking");
  return ShowType::kReplicaStatus;
}

// SHOW ENGINE {name | ALL} {STATUS | MUTEX | LOGS}
void Parser::ParseShowEngine(Clause& text) {
  if (!text.Accept("all")) {
    text.Add({});
    text.AppendName(Lower(At(Tok::kString) ? OneString() : Name()));
  }
  text.ExpectOne({"status", "mutex", "logs"});
}

// Any other SHOW: words, and the text they make is its name.
void Parser::ParseShowRest(Show* show) {
  Clause text(*this);
  if (text.Accept("profile")) {
    show->type = ShowType::kProfile;
    ParseShowProfile(text);
    show->limit = ParseLimit();
  } else if (text.Accept("binlog status")) {
    show->type = ShowType::kBinaryLogStatus;
  } else if (text.Accept("binlog")) {
    show->type = ShowType::kBinlogEvents;
    ParseShowEvents(text);
    show->limit = ParseLimit();
  } else if (text.Accept("relaylog")) {
    show->type = ShowType::kRelaylogEvents;
    text.AddSome(ParseConnectionName());
    ParseShowEvents(text);
    show->limit = ParseLimit();
    show->channel = ParseForChannel();
  } else if (text.Accept("engine")) {
    show->type = ShowType::kEngineStatus;
    ParseShowEngine(text);
  } else if (text.AcceptOne({"binary logs", "master logs"})) {
    show->type = ShowType::kBinaryLogs;
  } else if (text.AcceptOne({"binary log status", "master status"})) {
    show->type = ShowType::kBinaryLogStatus;
  } else if (At(Kw::kSlave) || At(Kw::kReplica) || At(Kw::kReplicas) || At(Kw::kAll)) {
    show->type = ParseShowReplica(text);
    show->channel = ParseForChannel();
  } else if (text.Accept("package body code")) {
    text.QualifiedName();
  } else if (text.AcceptOne(kStatistics)) {
    show->where = ParseWhere();
  } else if (text.AcceptOne({"package body status", "package status"}) ||
             text.AcceptOne(kPluginTables)) {
    ParseShowFilter(show);
  } else {
    text.ExpectOne({"authors", "contributors"});
  }
  show->name = text.Take();
}

const Statement* Parser::ParseShowParseTree() {
  ShowParseTree* node = New<ShowParseTree>();
  ExpectPhrase("parse_tree");
  if (AtPhrase("show parse_tree")) Fail();  // and so no recursion
  node->statement = ParseStatement();
  return node;
}

// SHOW {EXPLAIN | ANALYZE} [FORMAT = name] FOR id
const Statement* Parser::ParseShowExplain() {
  ShowExplain* node = New<ShowExplain>();
  node->analyze = At(Kw::kAnalyze);
  Advance();
  if (Accept(Kw::kFormat)) {
    Expect(Tok::kEqual);
    node->format = Lower(NameOrString());
    if (node->format != "json" && node->format != "traditional") Fail();
  }
  Expect(Kw::kFor);
  node->id = ParseExpr();
  return node;
}

}  // namespace tessera::sqlparser
