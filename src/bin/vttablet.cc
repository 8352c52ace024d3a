// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletmanager/vttablet.h"

#include "bin/topologies.h"

int main(int argc, char** argv) {
  tessera::Topologies topologies;
  return tessera::tabletmanager::RunVttablet(argc, argv, topologies.all);
}
