// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/task.h"
#include "tmclient/client.h"
#include "topo/dry_run.h"
#include "vtctl/methods.h"

namespace tessera::vtctl {

// A Control on which every operation runs as it would, and changes nothing: what it writes to the
// topology only it reads again, and tablets are pinged instead of being told to change something
// (TabletChangesNothing tells the two apart). So an operation is refused where it would be, and
// none has to be written for this. Of the real Control's loop, which outlives it; await Close.
class DryRun {
 public:
  // `hear` hears of every step in order, one or more lines for people: a record with what would
  // leave it and come into it, or a question to a tablet.
  using Hear = std::function<void(std::string step)>;
  DryRun(const Control& real, Hear hear);
  DryRun(const DryRun&) = delete;
  DryRun& operator=(const DryRun&) = delete;

  Control& control() { return control_; }
  Task<> Close() { return tablets_.Close(); }

 private:
  Hear hear_;
  topo::DryRun topo_;
  tmclient::Client tablets_;
  Control control_;
};

}  // namespace tessera::vtctl
