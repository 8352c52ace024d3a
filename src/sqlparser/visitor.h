// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sqlparser/ast.h"

namespace tessera::sqlparser {

// What a visitor wants next.
enum class Visit : uint8_t {
  kContinue,  // go into the children
  kSkip,      // not into this node's children
  kStop,      // end the whole walk
};

// A reference to a callable, as cheap as a pointer. Does not own it.
template <class Signature>
class FunctionRef;
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>)
      FunctionRef(F&& f)  // NOLINT(google-explicit-constructor)
      : object_(const_cast<void*>(static_cast<const void*>(&f))),
        call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}
  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

// Visits node and all below it, parents first, in source order. Returns false when stopped.
//   Walk(stmt, [&](const Node& n) { if (auto* c = n.As<ColumnRef>()) ...; return Visit::kContinue;
//   });
bool Walk(const Node* node, FunctionRef<Visit(const Node&)> pre);
// The same, with a call after each node's children (not for skipped ones).
bool Walk(const Node* node, FunctionRef<Visit(const Node&)> pre,
          FunctionRef<void(const Node&)> post);

// The direct children, in order.
void ForEachChild(const Node& node, FunctionRef<void(const Node&)> visit);

// Whether two trees are the same statement: kinds and fields, not positions and source texts.
// Column and function names compare without case.
bool Equal(const Node* a, const Node* b);

// Equal trees have equal hashes.
uint64_t Hash(const Node* node, uint64_t seed = 0);

// The tree in one line, for tests and tools: Select{items=[SelectItem{expr=...}] ...}.
std::string Dump(const Node* node);

}  // namespace tessera::sqlparser
