// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zktool/program.h"

int main(int argc, char** argv) { return tessera::zktool::RunZk(argc, argv); }
