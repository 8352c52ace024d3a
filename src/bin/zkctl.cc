// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zkctl/program.h"

int main(int argc, char** argv) { return tessera::zkctl::RunZkctl(argc, argv); }
