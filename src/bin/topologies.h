// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topo/file_conn.h"
#include "topo/server.h"
#include "topo_etcd/etcd_topo.h"
#include "topo_zk/zk_topo.h"

namespace tessera {

// Every kind of topology server that our programs speak to, under Vitess's names.
struct Topologies {
  topo::FileTopo file;
  topo_etcd::EtcdTopo etcd;
  topo_zk::ZkTopo zk;
  const topo::Server::Factories all = {{"file", &file}, {"etcd2", &etcd}, {"zk2", &zk}};
};

}  // namespace tessera
