// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "bin/topologies.h"
#include "vtctlclient/program.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  return tessera::vtctlclient::RunVtctldclient(argc, argv, topologies.all);
}
