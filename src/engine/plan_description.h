// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::engine {

// What one node of a plan tells of itself, for VEXPLAIN and plan tests.
class PlanDescription {
 public:
  explicit PlanDescription(std::string operator_type, std::string variant = {})
      : operator_(std::move(operator_type)), variant_(std::move(variant)) {}

  void SetKeyspace(std::string name, bool sharded) {
    keyspace_ = std::move(name);
    sharded_ = sharded;
  }
  // Attributes show in the order they were added; empty values are left out.
  void Add(std::string_view name, std::string_view value);
  void Add(std::string_view name, const std::vector<std::string>& values);
  void AddInput(PlanDescription input) { inputs_.push_back(std::move(input)); }

  const std::string& operator_type() const { return operator_; }
  const std::string& variant() const { return variant_; }
  const std::vector<PlanDescription>& inputs() const { return inputs_; }

  // JSON of several lines.
  std::string ToJson() const;

 private:
  void AppendTo(std::string& out, size_t indent) const;

  std::string operator_;
  std::string variant_;
  std::string keyspace_;
  bool sharded_ = false;
  std::vector<std::pair<std::string, std::string>> attributes_;  // name, JSON text
  std::vector<PlanDescription> inputs_;
};

// The text as a JSON string with its quotes.
std::string JsonString(std::string_view text);

}  // namespace tessera::engine
