// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <type_traits>

#include "sqlparser/ast.h"

// What a node's field is, for the walkers that treat all kinds alike.
namespace tessera::sqlparser {

template <class T>
struct SpanItem {
  static constexpr bool kIsSpan = false;
};
template <class T>
struct SpanItem<std::span<T>> {
  static constexpr bool kIsSpan = true;
  using Type = std::remove_const_t<T>;
};

template <class T>
constexpr bool kIsNodePointer =
    std::is_pointer_v<T>&& std::is_base_of_v<Node, std::remove_cv_t<std::remove_pointer_t<T>>>;

}  // namespace tessera::sqlparser
