// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtocc/vtocc.h"

int main(int argc, char** argv) { return tessera::vtocc::RunVtocc(argc, argv); }
