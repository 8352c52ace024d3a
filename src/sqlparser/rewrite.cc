// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/rewrite.h"

#include <charconv>

#include "sqlparser/ast_nodes.h"
#include "sqlparser/internal/fields.h"

namespace tessera::sqlparser {
namespace {

struct Rewriter {
  Arena& arena;
  const FunctionRef<Visit(const Node&)>* pre;
  const FunctionRef<const Node*(const Node*)>& rewrite;
  bool stopped = false;

  const Node* Apply(const Node* node) {
    if (node == nullptr || stopped) return node;
    if (pre != nullptr) {
      const Visit visit = (*pre)(*node);
      if (visit == Visit::kStop) stopped = true;
      if (visit != Visit::kContinue) return node;
    }
    const Node* children_done = node;
    switch (node->kind) {
#define TESSERA_SQL_KIND(Name)                                \
  case Kind::k##Name:                                         \
    children_done = Children(static_cast<const Name*>(node)); \
    break;
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
    }
    return rewrite(children_done);
  }

  // The node with its children rewritten: itself when none changed.
  template <class T>
  const Node* Children(const T* node) {
    T copy = *node;
    bool changed = false;
    std::apply([&](auto&... fields) { ((changed |= Field(fields)), ...); }, copy.Fields());
    if (!changed) return node;
    return arena.New<T>(copy);
  }

  template <class F>
  bool Field(F& field) {
    if constexpr (kIsNodePointer<F>) {
      if (field == nullptr) return false;
      const Node* made = Apply(field);
      if (made == field) return false;
      field = static_cast<F>(made);
      return true;
    } else if constexpr (SpanItem<F>::kIsSpan) {
      if constexpr (kIsNodePointer<typename SpanItem<F>::Type>) {
        return ListField(field);
      }
      return false;
    } else {
      return false;
    }
  }

  template <class F>
  bool ListField(F& list) {
    using Pointer = typename SpanItem<F>::Type;
    std::span<Pointer> copy;
    for (size_t i = 0; i < list.size(); ++i) {
      const Node* made = Apply(list[i]);
      if (made == list[i]) continue;
      if (copy.empty()) copy = arena.CopySpan<Pointer>(std::span<const Pointer>(list));
      copy[i] = static_cast<Pointer>(made);
    }
    if (copy.empty()) return false;
    list = copy;
    return true;
  }
};

struct Copier {
  Arena& arena;

  const Node* Apply(const Node* node) {
    switch (node->kind) {
#define TESSERA_SQL_KIND(Name) \
  case Kind::k##Name:          \
    return Copy(static_cast<const Name*>(node));
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
    }
    return node;
  }

  template <class T>
  const Node* Copy(const T* node) {
    T* copy = arena.New<T>(*node);
    std::apply([&](auto&... fields) { (Field(fields), ...); }, copy->Fields());
    if constexpr (std::is_same_v<T, SelectItem>) copy->text = arena.Copy(copy->text);
    if constexpr (std::is_base_of_v<DdlStatement, T>) copy->source = arena.Copy(copy->source);
    return copy;
  }

  template <class F>
  void Field(F& field) {
    if constexpr (kIsNodePointer<F>) {
      if (field != nullptr) field = static_cast<F>(Apply(field));
    } else if constexpr (std::is_same_v<F, std::string_view>) {
      field = arena.Copy(field);
    } else if constexpr (std::is_same_v<F, Ident>) {
      field.text = arena.Copy(field.text);
    } else if constexpr (SpanItem<F>::kIsSpan) {
      using Item = typename SpanItem<F>::Type;
      std::span<Item> copy = arena.CopySpan<Item>(std::span<const Item>(field));
      for (Item& item : copy) Field(item);
      field = copy;
    }
  }
};

}  // namespace

const Node* Rewrite(Arena& arena, const Node* node, FunctionRef<const Node*(const Node*)> rewrite) {
  return Rewriter{arena, nullptr, rewrite}.Apply(node);
}

const Node* Rewrite(Arena& arena, const Node* node, FunctionRef<Visit(const Node&)> pre,
                    FunctionRef<const Node*(const Node*)> rewrite) {
  return Rewriter{arena, &pre, rewrite}.Apply(node);
}

const Node* DeepCopy(Arena& arena, const Node* node) {
  return node == nullptr ? nullptr : Copier{arena}.Apply(node);
}

const Literal* MakeString(Arena& arena, std::string_view value) {
  Literal* node = arena.New<Literal>();
  node->text = value;
  return node;
}

const Literal* MakeInteger(Arena& arena, uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  Literal* node = arena.New<Literal>();
  node->type = LiteralType::kInteger;
  node->text = arena.Copy({digits, static_cast<size_t>(end - digits)});
  return node;
}

const BindVar* MakeBindVar(Arena& arena, std::string_view name, bool is_list) {
  BindVar* node = arena.New<BindVar>();
  node->name = name;
  node->is_list = is_list;
  return node;
}

const ColumnRef* MakeColumn(Arena& arena, std::string_view table, std::string_view name) {
  ColumnRef* node = arena.New<ColumnRef>();
  node->table = table;
  node->name = name;
  return node;
}

const ComparisonExpr* MakeComparison(Arena& arena, CompareOp op, const Expr* left,
                                     const Expr* right) {
  ComparisonExpr* node = arena.New<ComparisonExpr>();
  node->op = op;
  node->left = left;
  node->right = right;
  return node;
}

const SelectItem* MakeSelectItem(Arena& arena, const Expr* expr, std::string_view alias) {
  SelectItem* node = arena.New<SelectItem>();
  node->expr = expr;
  node->alias = alias;
  return node;
}

const Expr* MakeAnd(Arena& arena, const Expr* left, const Expr* right) {
  if (left == nullptr) return right;
  if (right == nullptr) return left;
  AndExpr* node = arena.New<AndExpr>();
  node->left = left;
  node->right = right;
  return node;
}

const Expr* MakeAnd(Arena& arena, std::span<const Expr* const> conjuncts) {
  const Expr* all = nullptr;
  for (const Expr* conjunct : conjuncts) all = MakeAnd(arena, all, conjunct);
  return all;
}

void SplitAnd(const Expr* expr, std::vector<const Expr*>& conjuncts) {
  if (expr == nullptr) return;
  if (const auto* both = expr->As<AndExpr>()) {
    SplitAnd(both->left, conjuncts);
    SplitAnd(both->right, conjuncts);
    return;
  }
  conjuncts.push_back(expr);
}

}  // namespace tessera::sqlparser
