// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/executor.h"
#include "sqltypes/field.h"
#include "vschema/vschema.h"

namespace tessera::vtgate {

// The columns that servers told of statements, so that a client which prepares each of its queries
// anew does not ask again. What it holds is of the VSchema it was told under, which a change of
// tables replaces, and no older than a few seconds where changes are not told. Of one loop.
class Descriptions {
 public:
  using Columns = std::vector<sqltypes::Field>;

  explicit Descriptions(size_t capacity = 1024) : capacity_(capacity) {}

  // Null when nothing is known of the statement, or not any more.
  std::shared_ptr<const Columns> Find(std::string_view key, const vschema::VSchema* vschema,
                                      Instant now);
  void Put(std::string key, std::shared_ptr<const vschema::VSchema> vschema, Instant now,
           std::shared_ptr<const Columns> columns);
  // Tables have changed.
  void Clear();
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const vschema::VSchema> vschema;  // held: its address must not come again
    Instant told;
    std::shared_ptr<const Columns> columns;
  };
  void Drop(std::list<Entry>::iterator entry);

  size_t capacity_;
  std::list<Entry> entries_;                                                // the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;  // keys are the entries'
};

}  // namespace tessera::vtgate
