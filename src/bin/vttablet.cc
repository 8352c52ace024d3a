// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet.h"

#include "topo/file_conn.h"

int main(int argc, char** argv) {
  tessera::topo::FileTopo file;
  const tessera::topo::Server::Factories topologies = {{"file", &file}};
  return tessera::tabletmanager::RunVttablet(argc, argv, topologies);
}
