// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "bin/topologies.h"
#include "topocopy/program.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  return tessera::topocopy::RunTopo2topo(argc, argv, topologies.all);
}
