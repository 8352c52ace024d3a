// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "doctor/facts.h"
#include "doctor/findings.h"

namespace tessera::doctor {

// Everything that is held against the facts, in the order of the areas.
Findings CheckAll(const Facts& facts);

// The parts of it.
void CheckTopology(const Facts& facts, Findings& out);
void CheckPorts(const Facts& facts, Findings& out);
void CheckTls(const Facts& facts, Findings& out);
void CheckProcesses(const Facts& facts, Findings& out);
void CheckReplication(const Facts& facts, Findings& out);
void CheckServing(const Facts& facts, Findings& out);
void CheckSchema(const Facts& facts, Findings& out);

}  // namespace tessera::doctor
