// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/file_conn.h"
#include "topo_etcd/etcd_topo.h"
#include "topocopy/program.h"

int main(int argc, char** argv) {
  tessera::topo::FileTopo file;
  tessera::topo_etcd::EtcdTopo etcd;
  const tessera::topo::Server::Factories topologies = {{"file", &file}, {"etcd2", &etcd}};
  return tessera::topocopy::RunTopo2topo(argc, argv, topologies);
}
