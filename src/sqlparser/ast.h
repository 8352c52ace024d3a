// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/check.h"

// The syntax tree's ground: node kinds, the base node, lists, identifiers. The nodes themselves are
// in the headers that ast_nodes.h lists.
//
// Nodes live in an Arena, are trivially destructible and are not changed once a parser or rewriter
// has handed them out: everything is reached through pointers to const. To change one, copy it
// (rewrite.h: `Select* copy = CopyNode(arena, select)`), change the copy, and use that.

namespace tessera::sqlparser {

enum class Kind : uint16_t {
#define TESSERA_SQL_KIND(Name) k##Name,
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
};

// "Select", "ColumnRef", ...
std::string_view KindName(Kind kind);

// What every node has: its kind and the offset in the source text of its first byte (0 when it was
// made by a rewriter).
struct Node {
  Kind kind;
  uint32_t position = 0;

  explicit constexpr Node(Kind k) : kind(k) {}

  template <class T>
  bool Is() const {
    return T::Matches(kind);
  }
  // The node as a T, or nullptr when it is something else. T may be Expr, Statement, ... too.
  template <class T>
  const T* As() const {
    return Is<T>() ? static_cast<const T*>(this) : nullptr;
  }
  // The node as a T, which it must be.
  template <class T>
  const T& Get() const {
    CHECK(Is<T>());
    return static_cast<const T&>(*this);
  }
};

// Anything with a value. Also the small nodes that only occur inside expressions.
struct Expr : Node {
  using Node::Node;
  static constexpr bool Matches(Kind k) { return k <= Kind::kSequenceValueExpr; }
};

// Anything that stands in FROM.
struct TableExpr : Node {
  using Node::Node;
  static constexpr bool Matches(Kind k) {
    return k == Kind::kAliasedTable || k == Kind::kDerivedTable || k == Kind::kJoinTable ||
           k == Kind::kParenTables || k == Kind::kJsonTable;
  }
};

// A whole statement.
struct Statement : Node {
  using Node::Node;
  static constexpr bool Matches(Kind k) {
    return k == Kind::kSelect || k == Kind::kSetOperation || k == Kind::kValuesStatement ||
           k == Kind::kInsert || k == Kind::kUpdate || k == Kind::kDelete ||
           k == Kind::kDeleteHistory || (k >= Kind::kCreateTable && k <= Kind::kOtherStatement);
  }
};

// A statement that only administers a server: no plan is made for it, it goes to one server as a
// whole or nowhere.
struct AdminStatement : Statement {
  using Statement::Statement;
  static constexpr bool Matches(Kind k) {
    return k >= Kind::kAnalyze && k <= Kind::kOtherStatement;
  }
};

// SELECT, UNION/INTERSECT/EXCEPT or VALUES: whatever yields rows.
struct QueryExpr : Statement {
  using Statement::Statement;
  static constexpr bool Matches(Kind k) {
    return k == Kind::kSelect || k == Kind::kSetOperation || k == Kind::kValuesStatement;
  }
};

// A list of child nodes, in the arena.
template <class T>
using List = std::span<const T* const>;

// A name compared without case (columns, functions, indexes, aliases of columns). Table and
// database names are plain string_views, compared byte by byte. The text is unquoted.
struct Ident {
  std::string_view text;

  Ident() = default;
  Ident(std::string_view name) : text(name) {}  // NOLINT(google-explicit-constructor)
  Ident(const char* name) : text(name) {}       // NOLINT(google-explicit-constructor)
  bool empty() const { return text.empty(); }
  friend bool operator==(const Ident& a, const Ident& b) { return EqualNoCase(a.text, b.text); }

  // Equal when ASCII case is ignored.
  static bool EqualNoCase(std::string_view a, std::string_view b);
};

// Comments in front of a statement's first clause, each with its delimiters, in order.
using Comments = std::span<const std::string_view>;

}  // namespace tessera::sqlparser

// Declares what the generic walkers need: TESSERA_SQL_NODE(BetweenExpr, negated, left, from, to).
// Every field must be named; child nodes are visited in this order.
#define TESSERA_SQL_NODE(Type, Base, ...)                       \
  static constexpr Kind kKind = Kind::k##Type;                  \
  static constexpr bool Matches(Kind k) { return k == kKind; }  \
  static constexpr std::string_view kFieldNames = #__VA_ARGS__; \
  auto Fields() const { return std::tie(__VA_ARGS__); }         \
  auto Fields() { return std::tie(__VA_ARGS__); }               \
  Type() : Base(kKind) {}
