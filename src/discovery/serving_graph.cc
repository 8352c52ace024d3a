// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/serving_graph.h"

#include <utility>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "srvtopo/resolve.h"
#include "topo/errors.h"
#include "vschema/records.h"

namespace tessera::discovery {

namespace {

// How often keyspaces are looked for that the VSchema names and nobody serves yet.
constexpr Duration kLookAgain = std::chrono::seconds(1);

}  // namespace

ServingGraph::ServingGraph(const Context& ctx, std::string cell)
    : cell_(std::move(cell)),
      tasks_(ctx),
      record_(std::make_shared<const vschema::SrvVSchemaRecord>()),
      self_(std::make_shared<ServingGraph*>(this)) {
  Rebuild();
}

ServingGraph::ServingGraph(const Context& ctx, topo::Server& topology, std::string cell,
                           ServingGraphOptions options)
    : ServingGraph(ctx, std::move(cell)) {
  options_ = std::move(options);
  watch_ = std::make_unique<srvtopo::ServingWatch>(topology, cell_, options_.watch);
  watch_->OnSrvVSchema([this](Record record) { Take(std::move(record)); });
  watch_->OnSrvKeyspace([this](const std::string& keyspace, Graph graph) {
    if (!mirrors_.empty()) {
      Tell([keyspace, graph](ServingGraph& mirror) {
        if (graph == nullptr) {
          mirror.graphs_.erase(keyspace);
        } else {
          mirror.graphs_[keyspace] = graph;
        }
      });
    }
  });
}

void ServingGraph::Take(std::shared_ptr<const vschema::SrvVSchemaRecord> record) {
  if (!options_.keyspaces.empty()) {
    auto wanted = std::make_shared<vschema::SrvVSchemaRecord>(*record);
    std::erase_if(wanted->keyspaces, [this](const auto& named) { return !Wants(named.first); });
    record = std::move(wanted);
  }
  record_ = std::move(record);
  Rebuild();
}

void ServingGraph::Rebuild() {
  vschema_ = vschema::VSchema::Build(*record_, tracked_, vschema_.get());
  Tell([built = vschema_](ServingGraph& mirror) { mirror.vschema_ = built; });
}

// Mirrors outlive us, and so does what is posted to them.
void ServingGraph::Tell(const std::function<void(ServingGraph&)>& news) const {
  for (const Mirror& mirror : mirrors_)
    mirror.loop->Post([graph = mirror.graph, news] { news(*graph); });
}

Task<> ServingGraph::MirrorOf(runtime::Loop& home, ServingGraph& source) {
  source_loop_ = &home;
  Mirror mirror;
  mirror.loop = &runtime::Loop::Current();
  mirror.graph = this;
  ServingGraph* const from = &source;
  const auto add = [from, mirror] { return from->AddMirror(mirror); };
  const Result<> added = co_await runtime::RunOn(home, add);
  static_cast<void>(added.ok());  // it cannot fail
}

// What it begins with is posted as news are, so that none overtakes it.
Task<Result<>> ServingGraph::AddMirror(Mirror mirror) {
  mirrors_.push_back(mirror);
  mirror.loop->Post([to = mirror.graph, source = std::weak_ptr<ServingGraph*>(self_),
                     built = vschema_, graphs = watch_->graphs()] {
    to->source_ = source;
    to->vschema_ = built;
    to->graphs_ = graphs;
  });
  co_return Ok{};
}

Task<Result<>> ServingGraph::Start(const Context& ctx) {
  const auto read = co_await watch_->GetSrvVSchema(ctx);
  if (!read.ok() && !topo::IsNoNode(read.error())) co_return read.error();
  // One watch of all, unless only some are wanted or that is not to be had.
  Result<> all = Error(Code::kUnimplemented, "some keyspaces only");
  if (options_.keyspaces.empty()) all = co_await watch_->WatchAll(ctx);
  if (all.ok() || all.error().code() != Code::kUnimplemented) co_return Ok{};
  co_await WatchKeyspaces(ctx);
  tasks_.Start(Follow());
  co_return Ok{};
}

Task<> ServingGraph::Stop() {
  self_.reset();
  mirrors_.clear();  // they keep what they know
  const Result<> ended = co_await tasks_.CancelAndJoin();
  static_cast<void>(ended.ok());  // it ends by our cancelling
  while (asked_ > 0) {
    const Result<> answered = co_await answered_.Wait(Context::Background());
    static_cast<void>(answered.ok());
  }
  if (watch_ != nullptr) co_await watch_->Close();
}

// Before anyone asks: when the topology goes down it is too late to begin.
Task<> ServingGraph::WatchKeyspaces(const Context& ctx) {
  const std::shared_ptr<const vschema::VSchema> all = vschema_;
  for (const auto& [name, keyspace] : all->keyspaces()) {
    if (watched_.contains(name)) continue;
    const auto graph = co_await watch_->GetSrvKeyspace(ctx, name);
    if (graph.ok()) watched_.insert(name);
  }
}

Task<> ServingGraph::Follow() {
  const Context ctx = tasks_.context();
  while (true) {
    const Result<> slept = co_await Sleep(ctx, kLookAgain);
    if (!slept.ok()) co_return;
    co_await WatchKeyspaces(ctx);
  }
}

void ServingGraph::SetTracked(vschema::TrackedSchema tables) {
  bool changed = false;
  for (auto& [keyspace, now] : tables) {
    vschema::TrackedTables& known = tracked_[keyspace];
    const bool nothing = (known == nullptr || known->empty()) && (now == nullptr || now->empty());
    if (nothing) continue;
    changed = true;
    known = std::move(now);
  }
  if (changed) Rebuild();
}

void ServingGraph::Adopt(const std::string& keyspace, vschema::KeyspaceRecord record) {
  auto all = std::make_shared<vschema::SrvVSchemaRecord>(*record_);
  all->keyspaces[keyspace] = vschema::SharedKeyspaceRecord(std::move(record));
  Take(std::move(all));
}

Task<Result<ServingGraph::Graph>> ServingGraph::Find(const Context& ctx,
                                                     std::string_view keyspace) {
  if (!Wants(keyspace)) co_return topo::NoNode(keyspace);
  if (watch_ != nullptr) {
    co_return co_await watch_->GetSrvKeyspace(ctx, keyspace);
  }
  const auto known = graphs_.find(keyspace);
  if (known != graphs_.end()) co_return known->second;
  co_return co_await FindForMirror(std::string(keyspace));
}

// A keyspace the source has not told of, which may be new or none: it knows how to look.
Task<Result<ServingGraph::Graph>> ServingGraph::FindForMirror(std::string keyspace) {
  if (source_loop_ == nullptr) co_return topo::NoNode(keyspace);
  const auto ask = [source = source_, keyspace] { return AskSource(source, keyspace); };
  co_return co_await runtime::RunOn(*source_loop_, ask);
}

Task<Result<ServingGraph::Graph>> ServingGraph::AskSource(std::weak_ptr<ServingGraph*> source,
                                                          std::string keyspace) {
  ServingGraph* found = nullptr;
  if (const auto alive = source.lock()) found = *alive;
  if (found == nullptr) co_return Error(Code::kUnavailable, "this gate is stopping");
  ++found->asked_;
  const Context ctx = found->tasks_.context();
  Result<Graph> graph = topo::NoNode(keyspace);
  if (found->Wants(keyspace)) {
    graph = co_await found->watch_->GetSrvKeyspace(ctx, keyspace);
  }
  --found->asked_;
  found->answered_.WakeAll();
  co_return graph;
}

Task<Result<ServingShards>> ServingGraph::Shards(const Context& ctx, std::string_view keyspace,
                                                 keys::TabletType type) {
  Result<Graph> graph = co_await Find(ctx, keyspace);
  if (!graph.ok()) {
    if (!topo::IsNoNode(graph.error())) co_return std::move(graph).error();
    co_return Errorf(Code::kNotFound,
                     "VT05003: unknown database '{}' in vschema: cell {} serves no such keyspace",
                     keyspace, cell_)
        .WithMysql(1049, "42000");
  }
  ServingShards out;
  out.graph = *std::move(graph);
  CO_TRY(out.shards, srvtopo::ServingShards(*out.graph, keyspace, type));
  co_return out;
}

}  // namespace tessera::discovery
