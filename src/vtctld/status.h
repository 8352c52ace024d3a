// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "base/executor.h"
#include "base/result.h"
#include "flags/flag_set.h"
#include "pages/pages.h"
#include "pages/policy.h"
#include "stats/family.h"

namespace tessera::vtctld {

// What operations were asked for, how long they took and how they ended. Of one loop.
class OperationStats {
 public:
  void Note(std::string_view operation, Duration took, const Error* error);
  stats::Families Families() const;
  pages::Html Table() const;

 private:
  stats::ByLabels<stats::Timings> timings_;  // by operation
  stats::ByLabels<uint64_t> errors_;         // by operation and code
};

// The pages every process has. They borrow both.
std::unique_ptr<pages::Pages> MakeStatusPages(const OperationStats& operations,
                                              const flags::FlagSet& flags, pages::Policy policy);

}  // namespace tessera::vtctld
