// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "sqlparser/ast_expr.h"
#include "sqlparser/ast_query.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {

// A copy of one node, its children shared with the original. The copy may be changed until
// it is handed out.
template <class T>
T* CopyNode(Arena& arena, const T* node) {
  return arena.New<T>(*node);
}

// A new node of type T.
template <class T>
T* NewNode(Arena& arena) {
  return arena.New<T>();
}

// Replaces nodes bottom-up. `rewrite` gets each node after its children have been
// rewritten and returns it or what stands in its place (never null, and of a kind that fits there).
// Nodes above a replacement are copied; everything else is shared. Returns `node` when nothing
// changed.
const Node* Rewrite(Arena& arena, const Node* node, FunctionRef<const Node*(const Node*)> rewrite);

// The same with a say before the descent: kSkip leaves a node and all below it as they are (rewrite
// is not called for it), kStop leaves the rest of the tree.
const Node* Rewrite(Arena& arena, const Node* node, FunctionRef<Visit(const Node&)> pre,
                    FunctionRef<const Node*(const Node*)> rewrite);

template <class T>
const T* RewriteAs(Arena& arena, const T* node, FunctionRef<const Node*(const Node*)> rewrite) {
  return static_cast<const T*>(Rewrite(arena, node, rewrite));
}

// The whole tree, copied with its strings: shares nothing with the original.
const Node* DeepCopy(Arena& arena, const Node* node);
template <class T>
const T* DeepCopyAs(Arena& arena, const T* node) {
  return static_cast<const T*>(DeepCopy(arena, node));
}

// A list of nodes in the arena.
template <class T>
List<T> MakeList(Arena& arena, std::span<const T* const> items) {
  return arena.CopySpan<const T*>(items);
}
template <class T>
List<T> MakeList(Arena& arena, std::initializer_list<const T*> items) {
  return MakeList<T>(arena, std::span<const T* const>(items.begin(), items.size()));
}
template <class T>
List<T> MakeList(Arena& arena, const std::vector<const T*>& items) {
  return MakeList<T>(arena, std::span<const T* const>(items));
}

// Common expressions. Names and texts must live as long as the tree (arena.Copy them if need be).
const Literal* MakeString(Arena& arena, std::string_view value);
const Literal* MakeInteger(Arena& arena, uint64_t value);
const BindVar* MakeBindVar(Arena& arena, std::string_view name, bool is_list = false);
const ColumnRef* MakeColumn(Arena& arena, std::string_view table, std::string_view name);
const ComparisonExpr* MakeComparison(Arena& arena, CompareOp op, const Expr* left,
                                     const Expr* right);
const SelectItem* MakeSelectItem(Arena& arena, const Expr* expr, std::string_view alias = {});

// left AND right; either may be null.
const Expr* MakeAnd(Arena& arena, const Expr* left, const Expr* right);
// All of them joined by AND; null for none.
const Expr* MakeAnd(Arena& arena, std::span<const Expr* const> conjuncts);
// The parts of an AND tree, left to right; nothing for null.
void SplitAnd(const Expr* expr, std::vector<const Expr*>& conjuncts);

}  // namespace tessera::sqlparser
