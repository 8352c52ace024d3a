// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "bin/topologies.h"
#include "vtctld/program.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  return tessera::vtctld::RunVtctld(argc, argv, topologies.all);
}
