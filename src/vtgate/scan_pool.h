// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "sqlparser/fingerprint.h"
#include "sqltypes/value.h"

namespace tessera::vtgate {

// What a statement needs of memory to be taken apart, for as long as it runs. A loop keeps as many
// as have run at once: idle sessions have none.
struct Scan {
  sqlparser::Fingerprint fingerprint;
  std::vector<sqltypes::Value> list_items;
};
using ScanPool = std::vector<std::unique_ptr<Scan>>;

// A scan's memory taken out of a pool, and given back at the end.
class ScanLoan {
 public:
  explicit ScanLoan(ScanPool& pool) : pool_(pool) {
    if (pool.empty()) {
      scan_ = std::make_unique<Scan>();
    } else {
      scan_ = std::move(pool.back());
      pool.pop_back();
    }
  }
  ScanLoan(const ScanLoan&) = delete;
  ScanLoan& operator=(const ScanLoan&) = delete;
  ~ScanLoan() { pool_.push_back(std::move(scan_)); }

  Scan* operator->() const { return scan_.get(); }

 private:
  ScanPool& pool_;
  std::unique_ptr<Scan> scan_;
};

}  // namespace tessera::vtgate
