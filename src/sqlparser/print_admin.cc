// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {

void Format(Printer& p, const Xa& n) {
  p.Text("xa ").Text(n.verb);
  if (!n.xid.empty()) p.Raw(" ").Raw(n.xid);
  if (!n.suffix.empty()) p.Raw(" ").Raw(n.suffix);
}

void Format(Printer& p, const HandlerStatement& n) {
  FormatClause(p, "handler ", n.table);
  switch (n.verb) {
    case HandlerVerb::kOpen:
      p.Text(" open");
      if (!n.alias.empty()) p.Text(" as ").Id(n.alias);
      return;
    case HandlerVerb::kClose:
      p.Text(" close");
      return;
    case HandlerVerb::kRead:
      break;
  }
  p.Text(" read ");
  if (!n.index.empty()) p.Id(n.index).Raw(" ");
  p.Text(n.move);
  if (!n.keys.empty()) {
    p.Raw(" (");
    FormatList(p, n.keys);
    p.Raw(")");
  }
  FormatWhere(p, " where ", n.where);
  p.Print(n.limit);
}

void Format(Printer& p, const MaintainTables& n) {
  static constexpr std::string_view kVerbs[] = {"check ", "checksum ", "repair ", "optimize "};
  if (n.bare && !p.server()) {
    p.Text("otheradmin");
    return;
  }
  p.Text(kVerbs[static_cast<size_t>(n.upkeep)]);
  if (n.local) p.Text("local ");
  p.Text(n.views ? "view " : "table ");
  FormatList(p, n.tables);
  if (!n.options.empty()) p.Raw(" ").Raw(n.options);
}

namespace {

void FormatKeyNames(Printer& p, std::string_view word, bool all, std::span<const Ident> names) {
  p.Text(word);
  if (all) {
    p.Text("all");
    return;
  }
  p.Raw("(");
  FormatNames(p, names);
  p.Raw(")");
}

}  // namespace

void Format(Printer& p, const AnalyzedTable& n) {
  p.Print(n.table);
  if (!n.persistent) return;
  if (n.all_columns && n.all_indexes) {
    p.Text(" persistent for all");
    return;
  }
  FormatKeyNames(p, " persistent for columns ", n.all_columns, n.columns);
  FormatKeyNames(p, " indexes ", n.all_indexes, n.indexes);
}

void Format(Printer& p, const Analyze& n) {
  p.Text(n.local ? "analyze local table " : "analyze table ");
  FormatList(p, n.tables);
  if (n.histogram == HistogramAction::kNone) return;
  p.Text(n.histogram == HistogramAction::kUpdate ? " update" : " drop").Text(" histogram on ");
  FormatNames(p, n.histogram_columns);
  if (!n.histogram_options.empty()) p.Raw(" ").Raw(n.histogram_options);
}

void Format(Printer& p, const CachedTable& n) {
  p.Print(n.table);
  if (n.all_partitions) p.Text(" partition (all)");
  if (!n.partitions.empty()) FormatKeyNames(p, " partition ", false, n.partitions);
  if (n.has_indexes) FormatKeyNames(p, " index ", false, n.indexes);
  if (n.ignore_leaves) p.Text(" ignore leaves");
}

void Format(Printer& p, const KeyCache& n) {
  p.Text(n.load ? "load index into cache " : "cache index ");
  FormatList(p, n.tables);
  if (n.load) return;
  if (n.default_cache) {
    p.Text(" in default");
  } else {
    p.Text(" in ").Id(n.cache);
  }
}

void Format(Printer& p, const InstallPlugin& n) {
  static constexpr std::string_view kObjects[] = {"plugin ", "soname ", "component "};
  p.Text(n.uninstall ? "uninstall " : "install ").Text(kObjects[static_cast<size_t>(n.object)]);
  if (n.if_exists) p.Text(n.uninstall ? "if exists " : "if not exists ");
  if (!n.name.empty()) p.Id(n.name);
  if (!n.name.empty() && !n.libraries.empty()) p.Text(" soname ");
  bool first = true;
  for (const std::string_view library : n.libraries) {
    if (!first) p.Raw(", ");
    first = false;
    p.Quoted(library);
  }
  if (n.settings.empty()) return;
  p.Text(" set ");
  FormatList(p, n.settings);
}

void Format(Printer& p, const AdminCommand& n) { p.Raw(n.text); }

void Format(Printer& p, const BinlogEvent& n) {
  p.Text("binlog ");
  FormatList(p, n.parts);
}

void Format(Printer& p, const PurgeBinaryLogs& n) {
  p.Text("purge binary logs");
  FormatClause(p, " to ", n.to);
  FormatClause(p, " before ", n.before);
}

void Format(Printer& p, const ChangeMaster& n) {
  p.Text(n.replication_source ? "change replication source" : "change master");
  if (!n.connection.empty()) p.Raw(" ").Raw(n.connection);
  p.Text(" to ");
  FormatTexts(p, n.options, ", ");
  if (!n.channel.empty()) p.Text(" for channel ").Raw(n.channel);
}

void Format(Printer& p, const ReplicaCommand& n) {
  p.Text(n.stop ? "stop " : "start ").Text(n.who);
  if (!n.connection.empty()) p.Raw(" ").Raw(n.connection);
  if (!n.threads.empty()) p.Raw(" ");
  FormatTexts(p, n.threads, ", ");
  if (!n.until.empty()) p.Text(" until ");
  FormatTexts(p, n.until, ", ");
  if (!n.login.empty()) p.Raw(" ");
  FormatTexts(p, n.login, n.who == "group_replication" ? ", " : " ");
  if (!n.channel.empty()) p.Text(" for channel ").Raw(n.channel);
}

void Format(Printer& p, const ServerDefinition& n) {
  p.Text(n.verb).Raw(" ");
  if (n.or_replace) p.Text("or replace ");
  p.Text("server ");
  if (n.if_exists) p.Text(n.verb == "create" ? "if not exists " : "if exists ");
  p.Raw(n.name);
  if (!n.wrapper.empty()) p.Text(" foreign data wrapper ").Raw(n.wrapper);
  if (n.options.empty()) return;
  p.Text(" options (");
  FormatTexts(p, n.options, ", ");
  p.Raw(")");
}

void Format(Printer& p, const Load& n) {
  p.Text(n.xml ? "load xml " : "load data ").Raw(n.head).Raw(" ").Quoted(n.source);
  if (!n.bulk.empty()) p.Raw(" ").Raw(n.bulk);
  if (!n.duplicates.empty()) p.Raw(" ").Text(n.duplicates);
  FormatClause(p, " into table ", n.table);
  if (!n.partitions.empty()) FormatKeyNames(p, " partition ", false, n.partitions);
  if (n.charset == "default" || n.charset == "binary") {
    p.Text(" character set ").Text(n.charset);
  } else if (!n.charset.empty()) {
    p.Text(" character set ").Id(n.charset);
  }
  if (!n.format.empty()) p.Raw(" ").Raw(n.format);
  if (!n.skip.empty()) p.Raw(" ").Raw(n.skip);
  if (n.has_targets) {
    p.Raw(" (");
    FormatList(p, n.targets);
    p.Raw(")");
  }
  if (!n.set.empty()) {
    p.Text(" set ");
    FormatAssignments(p, n.set);
  }
  if (!n.options.empty()) p.Raw(" ").Raw(n.options);
}

}  // namespace tessera::sqlparser
