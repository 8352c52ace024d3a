// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/result.h"
#include "queryservice/query_service.h"
#include "reach/look.h"
#include "runtime/stream.h"
#include "topo/records.h"
#include "vschema/records.h"

// What is known of a fleet: gathered once, then held against itself by the checks.
namespace tessera::doctor {

// An answer, or why there was none; nothing when the question was not asked.
template <class T>
using Told = std::optional<Result<T>>;

template <class T>
bool IsTold(const Told<T>& told) {
  return told.has_value() && told->ok();
}

// A process's clock against ours: how far it is ahead, and how wrong that may be.
struct Clock {
  Duration ahead{0};
  Duration doubt{0};
};

// The numbers and texts of /debug/vars; maps within it are left out.
struct Vars {
  std::map<std::string, double, std::less<>> numbers;
  std::map<std::string, std::string, std::less<>> texts;
};

// A process that has status pages.
struct ProcessFacts {
  std::string name;        // "tablet zone1-0000000100", "gate 127.0.0.1:15001"
  runtime::Address pages;  // port 0: it has none
  Told<Vars> vars;
  Told<Clock> clock;  // kNotFound: a process without /debug/reach
};

enum class ThreadState : uint8_t { kUnknown = 0, kStopped = 1, kConnecting = 2, kRunning = 3 };

// A replica's replication, as its tablet manager tells it.
struct ReplicationFacts {
  std::string source_host;
  int32_t source_port = 0;
  std::string source_user;
  ThreadState io = ThreadState::kUnknown;
  ThreadState sql = ThreadState::kUnknown;
  std::string io_error;
  std::string sql_error;
  std::optional<uint32_t> lag_seconds;
};

// A tablet's MySQL server, as FullStatus tells it.
struct ServerFacts {
  std::string version;
  bool read_only = false;
  bool semi_sync_primary = false;  // the switches, not the state
  bool semi_sync_replica = false;
  bool semi_sync_blocked = false;  // commits wait for acknowledgements now
  bool disk_stalled = false;
  std::optional<ReplicationFacts> replication;
};

struct TableFacts {
  std::string name;
  std::vector<std::string> columns;
};

struct TabletFacts {
  topo::Tablet record;
  ProcessFacts process;
  bool asked = false;  // its gRPC port; there may be no time left for it
  reach::Sight grpc;   // from here
  Told<queryservice::Health> health;
  Told<ServerFacts> server;
  Told<std::vector<TableFacts>> tables;
};

// What a gate thinks of its tablets, as /debug/gateway tells it.
struct GateView {
  struct Tablet {
    std::string alias;
    bool usable = false;
    std::string why;  // it is not usable
  };
  std::string cell;
  std::vector<Tablet> tablets;
  std::vector<std::string> keyspaces;
};

struct GateFacts {
  ProcessFacts process;
  Told<GateView> view;
};

// A port of a process that is in no record: vtctld's.
struct PortFacts {
  std::string name;
  runtime::Address address;
  bool asked = false;
  reach::Sight seen;
};

// What one process sees of another's port. An error when it could not be asked.
struct View {
  std::string from;  // names of processes
  std::string to;
  std::string port;  // "gRPC", "MySQL", "topology"
  std::string address;
  Result<reach::Sight> seen = reach::Sight();
};

struct CellFacts {
  std::string name;
  std::string server;          // its address
  std::optional<Error> error;  // it could not be read
  Duration latency{0};         // of one read
  // Keyspaces (and "rules") whose SrvVSchema is not what the VSchemas say; empty when all are.
  std::vector<std::string> stale;
  bool has_srv_vschema = false;
};

struct KeyspaceFacts {
  std::string name;
  topo::Keyspace record;
  std::map<std::string, topo::Shard> shards;
  std::optional<vschema::KeyspaceRecord> vschema;
  std::optional<Error> error;  // a record could not be read
  // What is wrong with its serving graphs, each with its cell.
  std::vector<std::string> graph_problems;
};

struct Facts {
  int64_t now_unix = 0;  // here, in seconds
  std::string topology;  // "etcd2 at 127.0.0.1:2379"
  std::optional<Error> topology_error;
  Duration topology_latency{0};
  std::vector<CellFacts> cells;
  std::vector<KeyspaceFacts> keyspaces;
  std::vector<TabletFacts> tablets;
  std::vector<Error> unreadable;  // tablet records
  std::vector<GateFacts> gates;
  std::vector<PortFacts> ports;
  std::vector<View> views;
};

}  // namespace tessera::doctor
