// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// tessera demo: a shop on two shards, and how queries travel to them.
#include <cstdio>

#include <unistd.h>

#include "base/waiter.h"
#include "localcluster/folder.h"
#include "localcluster/internal/commands.h"
#include "localcluster/internal/demo_shop.h"
#include "log/log.h"
#include "mysqlconn/connection.h"
#include "runtime/loop_pool.h"
#include "runtime/signals.h"
#include "runtime/task_group.h"

namespace tessera::localcluster {

using mysqlconn::Connection;
using sqltypes::ResultSet;
using sqltypes::Value;

namespace {

constexpr size_t kLoaders = 4;
constexpr size_t kMostRowsShown = 10;

ClusterSpec DemoSpec(int base_port) {
  ClusterSpec spec;
  spec.base_port = base_port;
  spec.durable = false;  // example data: not worth a disk's pace
  KeyspaceSpec catalog;
  catalog.name = "catalog";
  catalog.shards = {"0"};
  catalog.replicas = 0;
  catalog.vschema = CatalogVSchema();
  KeyspaceSpec commerce;
  commerce.name = "commerce";
  commerce.shards = {"-80", "80-"};
  commerce.vschema = CommerceVSchema();
  spec.keyspaces = {catalog, commerce};
  return spec;
}

Task<Result<std::unique_ptr<Connection>>> ConnectGate(const Context& ctx, const Layout& layout) {
  mysqlconn::ConnectOptions options;
  options.address = runtime::Address::Tcp("127.0.0.1", layout.gates.front().mysql_port);
  options.user = "demo";
  options.database = "commerce";
  co_return co_await Connection::Connect(ctx, options);
}

Task<Result<ResultSet>> Ask(const Context& ctx, Connection& connection, std::string sql) {
  CO_TRY(ResultSet rows, co_await connection.Query(ctx, sql));
  CO_TRY_OK(rows.Decode());
  co_return std::move(rows);
}

// A bar on one line, redrawn; on what is no terminal a line for every tenth part.
class ProgressBar {
 public:
  ProgressBar(std::string_view what, size_t total) : what_(what), total_(total) {}
  void Advance(size_t by) {
    done_ += by;
    const size_t tenth = done_ * 10 / total_;
    if (terminal_) {
      std::printf("\r%s", Text().c_str());
    } else if (tenth != tenth_) {
      std::printf("%s\n", Text().c_str());
    }
    tenth_ = tenth;
    std::fflush(stdout);
  }
  void Finish() const {
    if (terminal_) std::printf("\n");
  }

 private:
  std::string Text() const {
    const size_t filled = done_ * 30 / total_;
    return fmt::format("  {} [{:<30}] {:>6} of {}", what_, std::string(filled, '#'), done_, total_);
  }
  std::string_view what_;
  size_t total_;
  size_t done_ = 0;
  size_t tenth_ = 0;
  bool terminal_ = isatty(STDOUT_FILENO) != 0;
};

Task<Result<>> LoadSome(const Context& ctx, const Layout& layout, size_t& next, ProgressBar& bar) {
  CO_TRY(const std::unique_ptr<Connection> connection, co_await ConnectGate(ctx, layout));
  while (next < PortionCount()) {
    const Portion portion = MakePortion(next++);
    CO_TRY_OK(co_await connection->Query(ctx, portion.sql));
    bar.Advance(portion.rows);
  }
  co_return Ok{};
}

Task<Result<size_t>> CountLines(const Context& ctx, Connection& connection) {
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, "select count(*) from order_lines"));
  CO_TRY(const int64_t count, rows.row(0)[0].ToInt64());
  co_return static_cast<size_t>(count);
}

// Loads what is not there yet; a load that was cut short goes on.
Task<Result<>> LoadShop(const Context& ctx, const Layout& layout, Connection& connection) {
  for (const std::string& sql : ShopTables()) {
    CO_TRY_OK(co_await connection.Query(ctx, sql));
  }
  CO_TRY(const size_t lines, co_await CountLines(ctx, connection));
  if (lines >= kOrderLines) {
    std::printf("The shop's data is there from an earlier run.\n");
    co_return Ok{};
  }
  std::printf("\nLoading a shop through the gate:\n");
  ProgressBar bar("rows", kDemoRows);
  size_t next = 0;
  runtime::TaskGroup group(ctx);
  for (size_t i = 0; i < kLoaders; ++i) group.Start(LoadSome(group.context(), layout, next, bar));
  const Result<> loaded = co_await group.Join();
  bar.Finish();
  co_return loaded;
}

std::string Cell(const Value& value) { return value.is_null() ? "NULL" : std::string(value.raw()); }

void PrintRows(const ResultSet& rows) {
  std::vector<size_t> widths;
  for (const sqltypes::Field& field : rows.fields) widths.push_back(field.name.size());
  const size_t shown = std::min(rows.row_count(), kMostRowsShown);
  for (size_t i = 0; i < shown; ++i)
    for (size_t k = 0; k < widths.size(); ++k)
      widths[k] = std::max(widths[k], Cell(rows.row(i)[k]).size());
  std::string line = "    ";
  for (size_t k = 0; k < widths.size(); ++k)
    line += fmt::format("{:<{}}  ", rows.fields[k].name, widths[k]);
  std::printf("%s\n", line.c_str());
  for (size_t i = 0; i < shown; ++i) {
    line = "    ";
    for (size_t k = 0; k < widths.size(); ++k)
      line += fmt::format("{:<{}}  ", Cell(rows.row(i)[k]), widths[k]);
    std::printf("%s\n", line.c_str());
  }
  if (rows.row_count() > shown) std::printf("    ... %zu rows in all\n", rows.row_count());
}

// "commerce/-80, commerce/80-", and what each is asked when that differs from the statement.
void PrintWay(const ResultSet& sent) {
  for (size_t i = 0; i < sent.row_count(); ++i) {
    std::string text = Cell(sent.row(i)[3]);
    if (text.size() > 180) text = text.substr(0, 177) + "...";
    std::printf("  -> %s/%s: %s\n", Cell(sent.row(i)[1]).c_str(), Cell(sent.row(i)[2]).c_str(),
                text.c_str());
  }
}

// The first vindex that the plan names.
std::string VindexOf(const std::string& plan) {
  constexpr std::string_view kKey = "\"Vindex\": \"";
  const size_t at = plan.find(kKey);
  if (at == std::string::npos) return "";
  const size_t from = at + kKey.size();
  return plan.substr(from, plan.find('"', from) - from);
}

// VEXPLAIN QUERIES runs its statement, so it stands in for the query where that changes something.
Task<Result<>> Visit(const Context& ctx, Connection& connection, const Stop& stop) {
  std::printf("\n%.*s\n  %.*s\n", static_cast<int>(stop.title.size()), stop.title.data(),
              static_cast<int>(stop.sql.size()), stop.sql.data());
  const std::string sql(stop.sql);
  CO_TRY(const ResultSet plan, co_await Ask(ctx, connection, "vexplain plan " + sql));
  CO_TRY(const ResultSet sent, co_await Ask(ctx, connection, "vexplain queries " + sql));
  const std::string vindex = VindexOf(Cell(plan.row(0)[0]));
  if (!vindex.empty()) std::printf("  routed by vindex %s\n", vindex.c_str());
  PrintWay(sent);
  if (stop.sql.substr(0, 6) != "select") co_return Ok{};
  CO_TRY(const ResultSet rows, co_await Ask(ctx, connection, sql));
  PrintRows(rows);
  co_return Ok{};
}

Task<Result<>> Tour(const Context& ctx, const Layout& layout) {
  CO_TRY(const std::unique_ptr<Connection> connection, co_await ConnectGate(ctx, layout));
  CO_TRY_OK(co_await LoadShop(ctx, layout, *connection));
  std::printf(
      "\nA tour: each query, the shards it went to and what they were asked, its answer.\n");
  for (const Stop& stop : TourStops()) {
    CO_TRY_OK(co_await Visit(ctx, *connection, stop));
  }
  std::printf("\nLook around with any MySQL client:\n\n    %s -D commerce\n\n",
              ConnectLine(layout).c_str());
  std::fflush(stdout);
  co_return Ok{};
}

Task<int> Demo(const Context& ctx, Layout layout, const topo::Server::Factories& topologies,
               bool stay) {
  const Then then = [stay](const Context& up, const Layout& there) -> Task<Result<>> {
    CO_TRY_OK(co_await Tour(up, there));
    if (!stay) co_return Ok{};
    std::printf("The cluster stays up until you press Ctrl-C.\n");
    std::fflush(stdout);
    CO_TRY_OK(co_await runtime::WaitForStopSignal(up));
    std::printf("\nStopping. The data stays in %s for the next time.\n", there.dir.c_str());
    co_return Ok{};
  };
  const Result<> done =
      co_await RunInForeground(ctx, std::move(layout), topologies, std::chrono::minutes(2), then);
  if (done.ok()) co_return 0;
  co_return Fail("demo", done.error());
}

}  // namespace

int RunDemo(const Arguments& arguments, const topo::Server::Factories& topologies) {
  DataFlag data;
  flags::Flag<int> base_port{"base-port", 15000, "All ports are counted from here."};
  flags::Flag<bool> stay{"stay", true, "Leave the cluster up until interrupted."};
  flags::FlagSet set("tessera demo",
                     "Starts a cluster with a shop's data and shows how queries travel.");
  set.Add(data.data, base_port, stay);
  const Parsed parsed = ParseWords(set, arguments, 0);
  if (!parsed.go_on) return parsed.status;
  if (!data.data.given()) data.data = DataFlag().Folder() + "-demo";
  const Result<std::optional<ClusterSpec>> there = ReadFolder(data.Folder());
  if (!there.ok()) return Fail("demo", there.error());
  ClusterSpec spec = DemoSpec(*base_port);
  if (*there) {
    Result<ClusterSpec> changed = ChangedSpec(**there, spec);
    if (!changed.ok()) return Fail("demo", changed.error());
    spec = std::move(*changed);
  }
  const Result<> checked = CheckSpec(spec);
  if (!checked.ok()) return Fail("demo", checked.error());
  runtime::BlockStopSignals();
  std::printf(
      "A shop on two shards, each with a replica, and an unsharded keyspace beside them:\n");
  return runtime::RunLoop([&](const Context& ctx) {
    return Demo(ctx, MakeLayout(data.Folder(), std::move(spec)), topologies, *stay);
  });
}

}  // namespace tessera::localcluster
