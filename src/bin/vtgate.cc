// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "bin/topologies.h"
#include "vtgate/program.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  return tessera::vtgate::RunVtgate(argc, argv, topologies.all);
}
