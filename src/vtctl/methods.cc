// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/methods.h"

#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

Methods AllMethods(Control& control) {
  Methods methods;
  AddCells(methods, control);
  AddKeyspaces(methods, control);
  AddShards(methods, control);
  AddTablets(methods, control);
  AddTabletCalls(methods, control);
  AddReplication(methods, control);
  AddRules(methods, control);
  AddServing(methods, control);
  AddVSchema(methods, control);
  AddSchema(methods, control);
  AddTopologyPaths(methods, control);
  AddValidate(methods, control);
  AddVersions(methods, control);
  AddPermissions(methods, control);
  AddCopySchema(methods, control);
  AddRecordEdits(methods, control);
  return methods;
}

}  // namespace tessera::vtctl
