// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::rpc {

// What travels beside a call's messages: pairs in order, names in lower case, repeats allowed.
// Values of names that end in "-bin" are any bytes, others printable ASCII. Names that begin with
// "grpc-" or ':' belong to the protocol and are not sent.
class Metadata {
 public:
  using Pair = std::pair<std::string, std::string>;

  Metadata() = default;
  explicit Metadata(std::vector<Pair> pairs) : pairs_(std::move(pairs)) {}

  void Add(std::string_view name, std::string_view value) {
    pairs_.emplace_back(std::string(name), std::string(value));
  }
  // The first value of that name, or nullptr.
  const std::string* Find(std::string_view name) const {
    for (const Pair& pair : pairs_) {
      if (pair.first == name) return &pair.second;
    }
    return nullptr;
  }
  bool empty() const { return pairs_.empty(); }
  size_t size() const { return pairs_.size(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }
  void clear() { pairs_.clear(); }

 private:
  std::vector<Pair> pairs_;
};

}  // namespace tessera::rpc
