// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "keys/tablet_alias.h"
#include "localcluster/spec.h"
#include "mysqlctl/my_cnf.h"
#include "zkctl/zk_config.h"

namespace tessera::localcluster {

inline constexpr int kMaxGates = 40;
inline constexpr int kMaxTablets = 200;
inline constexpr int kShardUids = 100;  // a shard's tablets are N00, N01, ...
inline constexpr int kPorts = 2400;     // from the base port on, all are ours

struct TabletPlace {
  keys::TabletAlias alias;
  std::string keyspace;
  std::string shard;
  std::string database;  // empty: the tablet's default
  bool first = false;    // takes the lead of its shard when it has no primary
  uint16_t grpc_port = 0;
  uint16_t http_port = 0;
  mysqlctl::MyCnf mysql;
};

struct GatePlace {
  std::string name;  // "vtgate-1"
  uint16_t mysql_port = 0;
  // Clients on this machine may come here too; empty when the folder's path is too long for one.
  std::string mysql_socket;
  uint16_t grpc_port = 0;
  uint16_t http_port = 0;
};

// Where everything of a cluster is, from its spec and its data folder alone.
//
//   DIR/cluster.yaml      the spec
//   DIR/lock              held by the supervisor that runs
//   DIR/status.json       what the supervisor tells others
//   DIR/log/NAME.log      what each process says
//   DIR/run/NAME.pid      their process ids
//   DIR/topo, DIR/etcd, DIR/zk_001   the topology
//   DIR/vt_0000000100/    one MariaDB each, as mysqlctl lays it out
//
// Ports, from the base port: +0 vtctld's pages, +999 its gRPC, +1 and on the gates' pages, +50 to
// +52 etcd or ZooKeeper, +100 and on the tablets' pages, +306 and on the gates for MySQL clients,
// +991 and on the gates' gRPC, +1100 and on the tablets' gRPC, +2100 and on MariaDB. With one shard
// and the usual base these are Vitess's examples'.
struct Layout {
  std::string dir;  // absolute
  ClusterSpec spec;
  std::vector<TabletPlace> tablets;  // shard by shard, the first of each shard first
  std::vector<GatePlace> gates;
  uint16_t vtctld_port = 0;
  uint16_t vtctld_http_port = 0;
  uint16_t etcd_port = 0;
  uint16_t etcd_peer_port = 0;
  zkctl::ZkConfig zookeeper;  // when the topology is in it

  std::string spec_file() const { return dir + "/cluster.yaml"; }
  std::string lock_file() const { return dir + "/lock"; }
  std::string status_file() const { return dir + "/status.json"; }
  std::string log_file(const std::string& name) const { return dir + "/log/" + name + ".log"; }
  std::string pid_file(const std::string& name) const { return dir + "/run/" + name + ".pid"; }
  std::string template_dir() const { return dir + "/template"; }

  bool uses_etcd() const { return spec.topology == "etcd"; }
  bool uses_zookeeper() const { return spec.topology == "zk2"; }
  std::string topo_implementation() const { return uses_etcd() ? "etcd2" : spec.topology; }
  std::string topo_address() const;
  std::string global_root() const { return topo_prefix() + "global"; }
  std::string cell_root() const;

  // Of each program. The first two words tell the process apart from all others of its kind.
  std::vector<std::string> TabletArguments(const TabletPlace& tablet) const;
  std::vector<std::string> GateArguments(const GatePlace& gate) const;
  std::vector<std::string> VtctldArguments() const;
  std::vector<std::string> EtcdArguments() const;

 private:
  std::string topo_prefix() const { return spec.topology == "file" ? "/" : "/vitess/"; }
  std::vector<std::string> TopoFlags() const;
};

// The spec must pass CheckSpec.
Layout MakeLayout(std::string dir, ClusterSpec spec);

// "vttablet-zone1-100"
std::string TabletName(const TabletPlace& tablet);
// "mariadb-zone1-100"
std::string MysqlName(const TabletPlace& tablet);

}  // namespace tessera::localcluster
