// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/file_conn.h"
#include "topo_etcd/etcd_topo.h"
#include "vtctlclient/program.h"

int main(int argc, char** argv) {
  tessera::topo::FileTopo file;
  tessera::topo_etcd::EtcdTopo etcd;
  return tessera::vtctlclient::RunVtctldclient(argc, argv, {{"file", &file}, {"etcd2", &etcd}});
}
