// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet.h"

#include "topo/file_conn.h"
#include "topo_etcd/etcd_topo.h"
#include "topo_zk/zk_topo.h"

int main(int argc, char** argv) {
  tessera::topo::FileTopo file;
  tessera::topo_etcd::EtcdTopo etcd;
  tessera::topo_zk::ZkTopo zk;
  const tessera::topo::Server::Factories topologies = {
      {"file", &file}, {"etcd2", &etcd}, {"zk2", &zk}};
  return tessera::tabletmanager::RunVttablet(argc, argv, topologies);
}
