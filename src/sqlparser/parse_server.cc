// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// Commands of words, names and values: each is written down while it is checked.

const Statement* Parser::ParseBackup() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kBackup;
  Clause text(*this);
  text.Expect("backup");
  if (text.Accept("stage")) {
    text.ExpectOne({"start", "flush", "block_ddl", "block_commit", "end"});
  } else if (text.Accept("lock")) {
    text.QualifiedName();
  } else {
    text.Expect("unlock");
  }
  node->text = text.Take();
  return node;
}

// LOCK INSTANCE FOR BACKUP, UNLOCK INSTANCE
const Statement* Parser::ParseInstanceLock(bool unlock) {
  AdminCommand* node = New<AdminCommand>();
  node->verb = unlock ? AdminVerb::kUnlockInstance : AdminVerb::kLockInstance;
  Clause text(*this);
  text.Expect(unlock ? "unlock instance" : "lock instance for backup");
  node->text = text.Take();
  return node;
}

const Statement* Parser::ParseHelp() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kHelp;
  Clause text(*this);
  text.Expect("help");
  text.NameOrString();
  node->text = text.Take();
  return node;
}

const Statement* Parser::ParseShutdown() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kShutdown;
  Clause text(*this);
  if (text.Accept("restart")) {
    node->verb = AdminVerb::kRestart;
  } else {
    text.Expect("shutdown");
    text.AcceptOne({"wait for all slaves", "wait for all replicas"});
  }
  node->text = text.Take();
  return node;
}

// CLONE LOCAL DATA DIRECTORY [=] 'dir'
// CLONE INSTANCE FROM user@host:port IDENTIFIED BY 'x' [DATA DIRECTORY [=] 'dir'] [REQUIRE [NO]
// SSL]
const Statement* Parser::ParseClone() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kClone;
  Clause text(*this);
  if (text.Accept("clone local data directory")) {
    text.Equal(true);
    text.String();
    node->text = text.Take();
    return node;
  }
  text.Expect("clone instance from");
  text.User();
  if (At(Tok::kBindVar)) {  // ":3306" looks like one
    text.Append(TokenText(Cur()));
    Advance();
  } else {
    Expect(Tok::kColon);
    text.Append(":");
    if (!At(Tok::kInteger)) Fail();
    text.Append(TokenText(Cur()));
    Advance();
  }
  text.Expect("identified by");
  text.Add(ParseSecret());
  if (text.Accept("data directory")) {
    text.Equal(true);
    text.String();
  }
  text.AcceptOne({"require ssl", "require no ssl"});
  node->text = text.Take();
  return node;
}

const Statement* Parser::ParseImport() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kImportTable;
  Clause text(*this);
  text.Expect("import table from");
  do {
    text.String();
  } while (text.Comma());
  node->text = text.Take();
  return node;
}

// At INSTANCE, after ALTER.
const Statement* Parser::ParseAlterInstance() {
  AdminCommand* node = NewAt<AdminCommand>(0);
  node->verb = AdminVerb::kAlterInstance;
  Clause text(*this);
  text.Add("alter");
  text.Expect("instance");
  if (text.Accept("reload tls")) {
    if (text.Accept("for channel")) text.Name();
    text.Accept("no rollback on error");
  } else {
    text.ExpectOne({"rotate innodb master key", "rotate binlog master key", "reload keyring",
                    "enable innodb redo_log", "disable innodb redo_log"});
  }
  node->text = text.Take();
  return node;
}

namespace {

const std::initializer_list<std::string_view> kSizes = {
    "autoextend_size", "extent_size",      "initial_size",     "max_size",
    "file_block_size", "redo_buffer_size", "undo_buffer_size", "nodegroup"};

}  // namespace

// Options of tablespaces and log file groups, commas between them or not.
void Parser::ParseStorageOptions(Clause& text) {
  while (true) {
    const bool comma = Accept(Tok::kComma);
    if (text.AcceptOne(kSizes)) {
      text.Equal(true);
      text.SizeNumber();
    } else if (text.Accept("comment") || text.Accept("encryption") ||
               text.Accept("engine_attribute")) {
      text.Equal(true);
      text.String();
    } else if (text.AcceptOne({"storage engine", "engine"})) {
      text.Equal(true);
      text.NameOrString();
    } else if (!text.AcceptOne({"wait", "no_wait"})) {
      if (comma) Fail();
      return;
    }
  }
}

// CREATE, ALTER, DROP [UNDO] TABLESPACE
const Statement* Parser::ParseTablespace(std::string_view verb) {
  AdminCommand* node = NewAt<AdminCommand>(0);
  node->verb = AdminVerb::kTablespace;
  Clause text(*this);
  text.Add(verb);
  text.ExpectOne({"tablespace", "undo tablespace"});
  text.Name();
  if (verb == "create") {
    if (text.Accept("add datafile")) text.String();
    if (text.Accept("use logfile group")) text.Name();
  } else if (verb == "alter") {
    if (text.AcceptOne({"add datafile", "drop datafile"})) {
      text.String();
    } else if (text.Accept("rename to")) {
      text.Name();
    } else {
      text.AcceptOne({"set active", "set inactive"});
    }
  }
  ParseStorageOptions(text);
  node->text = text.Take();
  return node;
}

// CREATE, ALTER, DROP LOGFILE GROUP
const Statement* Parser::ParseLogfileGroup(std::string_view verb) {
  AdminCommand* node = NewAt<AdminCommand>(0);
  node->verb = AdminVerb::kLogfileGroup;
  Clause text(*this);
  text.Add(verb);
  text.Expect("logfile group");
  text.Name();
  if (verb != "drop") {
    text.Expect("add undofile");
    text.String();
  }
  ParseStorageOptions(text);
  node->text = text.Take();
  return node;
}

// 0-3, 5 or 0 1 2
void Parser::ParseCpuList(Clause& text) {
  do {
    text.Integer();
    if (!Accept(Tok::kMinus)) continue;
    text.Append("-");
    if (!At(Tok::kInteger)) Fail();
    text.Append(TokenText(Cur()));
    Advance();
  } while (text.Comma() || At(Tok::kInteger));
}

// CREATE, ALTER, DROP RESOURCE GROUP
const Statement* Parser::ParseResourceGroup(std::string_view verb) {
  AdminCommand* node = NewAt<AdminCommand>(0);
  node->verb = AdminVerb::kResourceGroup;
  Clause text(*this);
  text.Add(verb);
  text.Expect("resource group");
  text.Name();
  if (verb == "create") {
    text.Expect("type");
    text.Equal(true);
    text.ExpectOne({"system", "user"});
  }
  if (verb != "drop") {
    if (text.Accept("vcpu")) {
      text.Equal(true);
      ParseCpuList(text);
    }
    if (text.Accept("thread_priority")) {
      text.Equal(true);
      text.Number();
    }
    text.AcceptOne({"enable", "disable"});
  }
  if (verb != "create") text.Accept("force");
  node->text = text.Take();
  return node;
}

// SET RESOURCE GROUP name [FOR thread [,] ...]
const Statement* Parser::ParseSetResourceGroup() {
  AdminCommand* node = New<AdminCommand>();
  node->verb = AdminVerb::kResourceGroup;
  Clause text(*this);
  text.Expect("set resource group");
  text.Name();
  if (text.Accept("for")) {
    do {
      text.Integer();
    } while (text.Comma() || At(Tok::kInteger));
  }
  node->text = text.Take();
  return node;
}

// CREATE [OR REPLACE] SPATIAL REFERENCE SYSTEM [IF NOT EXISTS] id attribute ..., DROP ... [IF
// EXISTS] id
const Statement* Parser::ParseSpatialReference(std::string_view verb) {
  AdminCommand* node = NewAt<AdminCommand>(0);
  node->verb = AdminVerb::kSpatialReference;
  Clause text(*this);
  text.Add(verb);
  text.Expect("spatial reference system");
  text.Accept(verb == "drop" ? "if exists" : "if not exists");
  text.Integer();
  while (verb != "drop") {
    if (text.AcceptOne({"name", "definition", "description"})) {
      text.String();
    } else if (text.Accept("organization")) {
      text.String();
      text.Expect("identified by");
      text.Integer();
    } else {
      break;
    }
  }
  node->text = text.Take();
  return node;
}

// USER 'x', HOST 'x', ..., PORT n
std::string_view Parser::ParseServerOption() {
  Clause option(*this);
  if (option.Accept("port")) {
    option.Integer();
  } else {
    option.ExpectOne({"user", "host", "database", "owner", "password", "socket"});
    option.String();
  }
  return option.Take();
}

// At SERVER, after CREATE, ALTER or DROP.
const Statement* Parser::ParseServer(std::string_view verb, bool or_replace) {
  ServerDefinition* node = NewAt<ServerDefinition>(0);
  Advance();
  node->verb = verb;
  node->or_replace = or_replace;
  if (verb == "create") node->if_exists = ParseIfNotExists();
  if (verb == "drop") node->if_exists = ParseIfExists();
  Clause name(*this);
  name.NameOrString();
  node->name = name.Take();
  if (verb == "drop") return node;
  if (verb == "create") {
    ExpectPhrase("foreign data wrapper");
    Clause wrapper(*this);
    wrapper.NameOrString();
    node->wrapper = wrapper.Take();
  }
  ExpectPhrase("options");
  Expect(Tok::kLeftParen);
  std::vector<std::string_view> options;
  do {
    options.push_back(ParseServerOption());
  } while (Accept(Tok::kComma));
  Expect(Tok::kRightParen);
  node->options = StoreTexts(options);
  return node;
}

}  // namespace tessera::sqlparser
