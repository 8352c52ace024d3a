// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// 'gtrid'[, 'bqual'[, format]], each of at most 64 bytes
std::string_view Parser::ParseXid() {
  Clause xid(*this);
  const auto part = [&] {
    constexpr size_t kMost = 64;
    switch (Cur().type) {
      case Tok::kHexNumber:
      case Tok::kHexString:
      case Tok::kBitNumber:
      case Tok::kBitString:
        xid.Add(TokenText(Cur()));
        Advance();
        return;
      default:
        if (At(Tok::kString) && NameOf(Cur()).size() > kMost) Fail();
        xid.String();
    }
  };
  part();
  if (!xid.Comma()) return xid.Take();
  part();
  if (xid.Comma()) xid.Integer();
  return xid.Take();
}

const Statement* Parser::ParseXa() {
  Xa* node = New<Xa>();
  Advance();
  Clause suffix(*this);
  if (AcceptPhrase("recover")) {
    node->verb = "recover";
    if (suffix.Accept("format")) {
      suffix.Equal(false);
      suffix.NameOrString();
    } else {
      suffix.Accept("convert xid");
    }
    node->suffix = suffix.Take();
    return node;
  }
  if (AcceptPhrase("begin")) {
    node->verb = "start";
  } else {
    Clause verb(*this);
    verb.ExpectOne({"start", "end", "prepare", "commit", "rollback"});
    node->verb = verb.Take();
  }
  node->xid = ParseXid();
  if (node->verb == "start") suffix.AcceptOne({"join", "resume"});
  if (node->verb == "end") suffix.AcceptOne({"suspend for migrate", "suspend"});
  if (node->verb == "commit") suffix.Accept("one phase");
  node->suffix = suffix.Take();
  return node;
}

const Statement* Parser::ParseHandlerStatement() {
  HandlerStatement* node = New<HandlerStatement>();
  Advance();
  node->table = ParseTableName();
  if (AcceptPhrase("open")) {
    if (Accept(Kw::kAs) || AtName()) node->alias = Name();
    return node;
  }
  if (!node->table->database.empty()) Fail();  // an open handler has a plain name
  if (AcceptPhrase("close")) {
    node->verb = HandlerVerb::kClose;
    return node;
  }
  Expect(Kw::kRead);
  node->verb = HandlerVerb::kRead;
  ParseHandlerRead(node);
  node->where = ParseWhere();
  node->limit = ParseLimit();
  return node;
}

// FIRST | NEXT | index {FIRST | NEXT | PREV | LAST} | index {= | < | > | <= | >=} (keys)
void Parser::ParseHandlerRead(HandlerStatement* node) {
  Clause move(*this);
  const bool no_index = Peek().type != Tok::kWord || PeekIs(Kw::kWhere) || PeekIs(Kw::kLimit);
  if (no_index && move.AcceptOne({"first", "next"})) {
    const bool by_value = At(Tok::kEqual) || At(Tok::kLess) || At(Tok::kGreater) ||
                          At(Tok::kLessEqual) || At(Tok::kGreaterEqual);
    if (by_value) Fail();
    node->move = move.Take();
    return;
  }
  node->index = Name();
  if (node->index.empty()) Fail();
  switch (Cur().type) {
    case Tok::kEqual:
    case Tok::kLess:
    case Tok::kGreater:
    case Tok::kLessEqual:
    case Tok::kGreaterEqual:
      node->move = TokenText(Cur());
      Advance();
      node->keys = ParenList<Expr>(&Parser::ParseHandlerKey);
      return;
    default:
      move.ExpectOne({"first", "next", "prev", "last"});
      node->move = move.Take();
  }
}

const Expr* Parser::ParseHandlerKey() {
  if (!At(Kw::kDefault) || Peek().type == Tok::kLeftParen) return ParseExpr();
  DefaultExpr* node = New<DefaultExpr>();
  Advance();
  return node;
}

namespace {

const std::initializer_list<std::string_view> kCheckOptions = {
    "for upgrade", "quick", "fast", "medium", "extended", "changed"};
const std::initializer_list<std::string_view> kRepairOptions = {"quick", "extended", "use_frm"};

}  // namespace

std::string_view Parser::ParseUpkeepOptions(const MaintainTables& node) {
  Clause options(*this);
  switch (node.upkeep) {
    case TableUpkeep::kCheck:
      if (node.views) {
        options.Accept("for upgrade");
      } else {
        while (options.AcceptOne(kCheckOptions)) {
        }
      }
      break;
    case TableUpkeep::kChecksum:
      options.AcceptOne({"quick", "extended"});
      break;
    case TableUpkeep::kRepair:
      if (node.views) {
        options.Accept("from mysql");
      } else {
        while (options.AcceptOne(kRepairOptions)) {
        }
      }
      break;
    case TableUpkeep::kOptimize:
      return ParseLockWait();
  }
  return options.Take();
}

const Statement* Parser::ParseMaintainTables(TableUpkeep upkeep) {
  MaintainTables* node = New<MaintainTables>();
  Advance();
  node->upkeep = upkeep;
  const bool repair = upkeep == TableUpkeep::kRepair;
  const bool optimize = upkeep == TableUpkeep::kOptimize;
  if (repair || optimize) node->local = Accept(Kw::kLocal) || Accept(Kw::kNoWriteToBinlog);
  const bool views = repair || upkeep == TableUpkeep::kCheck;
  if (views && (AcceptPhrase("view") || AcceptPhrase("views"))) {
    node->views = true;
  } else if (!Accept(Kw::kTable) && !Accept(Kw::kTables)) {
    node->bare = repair || optimize;
    if (!node->bare || node->local || Peek().type != Tok::kEnd) Fail();
  }
  node->tables = CommaList<TableName>(&Parser::ParseTableName);
  if (!node->bare) node->options = ParseUpkeepOptions(*node);
  return node;
}

// (name, ...) or (); PRIMARY is an index's name.
std::span<const Ident> Parser::ParseKeyNames(bool indexes) {
  std::vector<Ident> names;
  Expect(Tok::kLeftParen);
  if (!At(Tok::kRightParen)) {
    do {
      names.emplace_back(indexes && At(Kw::kPrimary) ? AnyName() : Name());
    } while (Accept(Tok::kComma));
  }
  Expect(Tok::kRightParen);
  return arena_.CopySpan<Ident>(std::span<const Ident>(names));
}

const AnalyzedTable* Parser::ParseAnalyzedTable() {
  AnalyzedTable* node = New<AnalyzedTable>();
  node->table = ParseTableName();
  if (!AcceptPhrase("persistent for")) return node;
  node->persistent = true;
  if (Accept(Kw::kAll)) {
    node->all_columns = node->all_indexes = true;
    return node;
  }
  ExpectPhrase("columns");
  node->all_columns = Accept(Kw::kAll);
  if (!node->all_columns) node->columns = ParseKeyNames(false);
  ExpectPhrase("indexes");
  node->all_indexes = Accept(Kw::kAll);
  if (!node->all_indexes) node->indexes = ParseKeyNames(true);
  return node;
}

// MySQL: {UPDATE | DROP} HISTOGRAM ON column, ... [WITH n BUCKETS] [USING DATA '...']
void Parser::ParseHistogram(Analyze* node) {
  const bool update = At(Kw::kUpdate);
  Advance();
  ExpectPhrase("histogram on");
  node->histogram = update ? HistogramAction::kUpdate : HistogramAction::kDrop;
  node->histogram_columns = NameList();
  if (!update) return;
  Clause options(*this);
  if (options.Accept("with")) {
    options.Integer();
    options.Expect("buckets");
  }
  options.AcceptOne({"auto update", "manual update"});
  if (options.Accept("using data")) options.String();
  node->histogram_options = options.Take();
}

// At TABLE, after ANALYZE [LOCAL].
const Statement* Parser::ParseAnalyzeTables(uint32_t position, bool local) {
  Analyze* node = NewAt<Analyze>(position);
  Advance();
  node->local = local;
  node->tables = CommaList<AnalyzedTable>(&Parser::ParseAnalyzedTable);
  if (At(Kw::kUpdate) || At(Kw::kDrop)) ParseHistogram(node);
  return node;
}

// table [PARTITION (...)] [{INDEX | KEY} (...)] [IGNORE LEAVES]
const CachedTable* Parser::ParseCachedTable() {
  CachedTable* node = New<CachedTable>();
  node->table = ParseTableName();
  if (Accept(Kw::kPartition)) {
    if (At(Tok::kLeftParen) && PeekIs(Kw::kAll)) {
      Advance();
      Advance();
      Expect(Tok::kRightParen);
      node->all_partitions = true;
    } else {
      node->partitions = ParenNameList();
    }
  }
  node->has_indexes = Accept(Kw::kIndex) || Accept(Kw::kKey);
  if (node->has_indexes) node->indexes = ParseKeyNames(true);
  node->ignore_leaves = AcceptPhrase("ignore leaves");
  return node;
}

// CACHE INDEX ... IN cache; LOAD INDEX INTO CACHE ...
const Statement* Parser::ParseKeyCache(bool load) {
  KeyCache* node = New<KeyCache>();
  node->load = load;
  ExpectPhrase(load ? "load index into cache" : "cache index");
  node->tables = CommaList<CachedTable>(&Parser::ParseCachedTable);
  for (const CachedTable* table : node->tables) {
    const bool partitioned = table->all_partitions || !table->partitions.empty();
    if (partitioned && node->tables.size() > 1) Fail();
    if (table->ignore_leaves && !load) Fail();
  }
  if (load) return node;
  Expect(Kw::kIn);
  node->default_cache = Accept(Kw::kDefault);
  if (!node->default_cache) node->cache = Name();
  return node;
}

// PLUGIN name [SONAME 'x'] | SONAME 'x' | COMPONENT 'x', ... [SET name = value, ...]
const Statement* Parser::ParseInstall(bool uninstall) {
  InstallPlugin* node = New<InstallPlugin>();
  Advance();
  node->uninstall = uninstall;
  Clause object(*this);
  object.ExpectOne({"plugin", "soname", "component"});
  const std::string_view what = object.Take();
  node->object = what == "plugin"   ? PluginObject::kPlugin
                 : what == "soname" ? PluginObject::kSoname
                                    : PluginObject::kComponent;
  const bool plugin = node->object == PluginObject::kPlugin;
  if (uninstall && node->object != PluginObject::kComponent) node->if_exists = ParseIfExists();
  if (!uninstall && plugin) node->if_exists = ParseIfNotExists();
  std::vector<std::string_view> libraries;
  if (plugin) {
    node->name = Name();
    if (uninstall) return node;
    ExpectPhrase("soname");
  }
  do {
    libraries.push_back(OneString());
  } while (node->object == PluginObject::kComponent && Accept(Tok::kComma));
  node->libraries = StoreTexts(libraries);
  if (!uninstall && node->object == PluginObject::kComponent && Accept(Kw::kSet)) {
    ListOf<SetItem> items(*this);
    do {
      ParseSetItem(items);
    } while (Accept(Tok::kComma));
    node->settings = items.Take();
  }
  return node;
}

const Statement* Parser::ParseBinlog() {
  BinlogEvent* node = New<BinlogEvent>();
  Advance();
  ListOf<Expr> parts(*this);
  if (At(Tok::kUserVariable)) {
    parts.Add(ParseVariable());
    Expect(Tok::kComma);
    if (!At(Tok::kUserVariable)) Fail();
    parts.Add(ParseVariable());
  } else {
    Literal* events = New<Literal>();
    events->text = OneString();
    parts.Add(events);
  }
  node->parts = parts.Take();
  return node;
}

}  // namespace tessera::sqlparser
