// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/layout.h"

namespace tessera::localcluster {

namespace {

// sun_path of a Unix socket holds this many bytes and a zero.
constexpr size_t kMostSocketPath = 107;

uint16_t Port(int number) { return static_cast<uint16_t>(number); }

TabletPlace MakeTablet(const Layout& layout, const KeyspaceSpec& keyspace, const std::string& shard,
                       int shard_number, int replica) {
  const int base = layout.spec.base_port;
  const int ordinal = static_cast<int>(layout.tablets.size());
  const auto uid = static_cast<uint32_t>((shard_number + 1) * kShardUids + replica);
  TabletPlace out;
  out.alias.cell = layout.spec.cell;
  out.alias.uid = uid;
  out.keyspace = keyspace.name;
  out.database = keyspace.database;
  out.shard = shard;
  out.first = replica == 0;
  out.http_port = Port(base + 100 + ordinal);
  out.grpc_port = Port(base + 1100 + ordinal);
  out.mysql.dir = layout.dir + "/" + mysqlctl::InstanceFolder(uid);
  out.mysql.uid = uid;
  out.mysql.server_id = uid;
  out.mysql.port = Port(base + 2100 + ordinal);
  out.mysql.buffer_pool = layout.spec.buffer_pool;
  out.mysql.durable = layout.spec.durable;
  return out;
}

std::string AliasText(const keys::TabletAlias& alias) {
  return fmt::format("{}-{}", alias.cell, alias.uid);
}

}  // namespace

std::string TabletName(const TabletPlace& tablet) { return "vttablet-" + AliasText(tablet.alias); }
std::string MysqlName(const TabletPlace& tablet) { return "mariadb-" + AliasText(tablet.alias); }

Layout MakeLayout(std::string dir, ClusterSpec spec) {
  Layout out;
  out.dir = std::move(dir);
  out.spec = std::move(spec);
  const int base = out.spec.base_port;
  int shard_number = 0;
  for (const KeyspaceSpec& keyspace : out.spec.keyspaces) {
    for (const std::string& shard : keyspace.shards) {
      for (int replica = 0; replica <= keyspace.replicas; ++replica)
        out.tablets.push_back(MakeTablet(out, keyspace, shard, shard_number, replica));
      ++shard_number;
    }
  }
  for (int i = 0; i < out.spec.gates; ++i) {
    GatePlace gate;
    gate.name = fmt::format("vtgate-{}", i + 1);
    gate.http_port = Port(base + 1 + i);
    gate.mysql_port = Port(base + 306 + i);
    std::string socket = out.dir + "/" + gate.name + ".sock";
    if (socket.size() <= kMostSocketPath) gate.mysql_socket = std::move(socket);
    gate.grpc_port = Port(base + 991 + i);
    out.gates.push_back(std::move(gate));
  }
  out.vtctld_http_port = Port(base);
  out.vtctld_port = Port(base + 999);
  out.etcd_port = Port(base + 50);
  out.etcd_peer_port = Port(base + 51);
  zkctl::ZkPeer server;
  server.id = 1;
  server.host = "127.0.0.1";
  server.client_port = Port(base + 50);
  server.leader_port = Port(base + 51);
  server.election_port = Port(base + 52);
  out.zookeeper.peers.push_back(std::move(server));
  out.zookeeper.id = 1;
  out.zookeeper.dir = out.dir + "/" + zkctl::ServerFolder(1);
  return out;
}

std::string Layout::topo_address() const {
  if (uses_zookeeper()) return fmt::format("127.0.0.1:{}", zookeeper.self().client_port);
  return uses_etcd() ? fmt::format("127.0.0.1:{}", etcd_port) : dir + "/topo";
}

std::string Layout::cell_root() const { return topo_prefix() + spec.cell; }

std::vector<std::string> Layout::TopoFlags() const {
  return {"--topo-implementation", topo_implementation(), "--topo-global-server-address",
          topo_address(),          "--topo-global-root",  global_root()};
}

std::vector<std::string> Layout::TabletArguments(const TabletPlace& tablet) const {
  std::vector<std::string> out = {"--tablet-dir", tablet.mysql.dir, "--tablet-path",
                                  AliasText(tablet.alias)};
  for (std::string& flag : TopoFlags()) out.push_back(std::move(flag));
  const std::vector<std::string> rest = {"--init-keyspace",
                                         tablet.keyspace,
                                         "--init-shard",
                                         tablet.shard,
                                         "--init-tablet-type",
                                         tablet.first ? "primary" : "replica",
                                         "--grpc-port",
                                         std::to_string(tablet.grpc_port),
                                         "--port",
                                         std::to_string(tablet.http_port)};
  out.insert(out.end(), rest.begin(), rest.end());
  if (!tablet.database.empty()) out.insert(out.end(), {"--init-db-name-override", tablet.database});
  return out;
}

std::vector<std::string> Layout::GateArguments(const GatePlace& gate) const {
  std::vector<std::string> out = {"--mysql-server-port", std::to_string(gate.mysql_port), "--cell",
                                  spec.cell};
  for (std::string& flag : TopoFlags()) out.push_back(std::move(flag));
  const std::vector<std::string> rest = {"--grpc-port", std::to_string(gate.grpc_port), "--port",
                                         std::to_string(gate.http_port)};
  out.insert(out.end(), rest.begin(), rest.end());
  if (!gate.mysql_socket.empty())
    out.insert(out.end(), {"--mysql-server-socket-path", gate.mysql_socket});
  if (spec.auth_file.empty()) {
    out.insert(out.end(), {"--mysql-auth-server-impl", "none"});
  } else {
    // We have no user to ask it with whether all shards serve: it tells by listening.
    out.insert(out.end(), {"--mysql-auth-server-static-file", spec.auth_file,
                           "--tablet-types-to-wait", "primary"});
  }
  return out;
}

std::vector<std::string> Layout::VtctldArguments() const {
  std::vector<std::string> out = {"--grpc-port", std::to_string(vtctld_port)};
  for (std::string& flag : TopoFlags()) out.push_back(std::move(flag));
  out.insert(out.end(), {"--port", std::to_string(vtctld_http_port), "--cell", spec.cell});
  return out;
}

std::vector<std::string> Layout::EtcdArguments() const {
  const std::string client = fmt::format("http://127.0.0.1:{}", etcd_port);
  const std::string peer = fmt::format("http://127.0.0.1:{}", etcd_peer_port);
  return {"--data-dir",
          dir + "/etcd",
          "--name",
          "tessera",
          "--listen-client-urls",
          client,
          "--advertise-client-urls",
          client,
          "--listen-peer-urls",
          peer,
          "--initial-advertise-peer-urls",
          peer,
          "--initial-cluster",
          "tessera=" + peer};
}

}  // namespace tessera::localcluster
