// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sqlparser/ast_nodes.h"
#include "sqlparser/internal/fields.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

// Calls f(field) for each field of the node, whatever its kind.
template <class F>
decltype(auto) Dispatch(const Node& node, F&& f) {
  switch (node.kind) {
#define TESSERA_SQL_KIND(Name) \
  case Kind::k##Name:          \
    return f(static_cast<const Name&>(node));
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
  }
  CHECK(false);
  __builtin_unreachable();
}

template <class T, class F>
void EachField(const T& node, F&& f) {
  std::apply([&](const auto&... fields) { (f(fields), ...); }, node.Fields());
}

template <class Field, class F>
void EachChildOfField(const Field& field, F&& f) {
  if constexpr (kIsNodePointer<Field>) {
    if (field != nullptr) f(static_cast<const Node&>(*field));
  } else if constexpr (SpanItem<Field>::kIsSpan) {
    if constexpr (kIsNodePointer<typename SpanItem<Field>::Type>) {
      for (const auto* item : field) f(static_cast<const Node&>(*item));
    }
  }
}

bool WalkNode(const Node& node, const FunctionRef<Visit(const Node&)>& pre,
              const FunctionRef<void(const Node&)>* post) {
  switch (pre(node)) {
    case Visit::kStop:
      return false;
    case Visit::kSkip:
      return true;
    case Visit::kContinue:
      break;
  }
  bool going = true;
  ForEachChild(node, [&](const Node& child) {
    if (going) going = WalkNode(child, pre, post);
  });
  if (going && post != nullptr) (*post)(node);
  return going;
}

bool EqualField(std::string_view a, std::string_view b) { return a == b; }
bool EqualField(const Ident& a, const Ident& b) { return a == b; }

template <class Field>
bool EqualField(const Field& a, const Field& b) {
  if constexpr (kIsNodePointer<Field>) {
    return Equal(a, b);
  } else if constexpr (SpanItem<Field>::kIsSpan) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!EqualField(a[i], b[i])) return false;
    }
    return true;
  } else {
    return a == b;
  }
}

uint64_t Mix(uint64_t h, uint64_t v) {
  h ^= v + 0x9e3779b97f4a7c15ull + (h << 6) + (h >> 2);
  h *= 0xff51afd7ed558ccdull;
  return h ^ (h >> 32);
}

uint64_t HashText(uint64_t h, std::string_view text, bool fold) {
  uint64_t v = 0xcbf29ce484222325ull ^ text.size();
  for (char c : text) {
    if (fold && c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    v = (v ^ static_cast<uint8_t>(c)) * 0x100000001b3ull;
  }
  return Mix(h, v);
}

template <class Field>
uint64_t HashField(uint64_t h, const Field& field) {
  if constexpr (kIsNodePointer<Field>) {
    return field == nullptr ? Mix(h, 1) : Hash(field, h);
  } else if constexpr (std::is_same_v<Field, std::string_view>) {
    return HashText(h, field, false);
  } else if constexpr (std::is_same_v<Field, Ident>) {
    return HashText(h, field.text, true);
  } else if constexpr (SpanItem<Field>::kIsSpan) {
    h = Mix(h, field.size());
    for (const auto& item : field) h = HashField(h, item);
    return h;
  } else if constexpr (std::is_same_v<Field, SelectOptions>) {
    return Mix(h, (field.distinct ? 1u : 0u) | (field.straight_join ? 4u : 0u) |
                      (field.sql_calc_found_rows ? 8u : 0u));
  } else {
    return Mix(h, static_cast<uint64_t>(field));
  }
}

// Appends one field as text when it is not its default.
template <class Field>
void DumpField(std::string& out, std::string_view name, const Field& field) {
  const auto key = [&] {
    if (out.back() != '{') out += ' ';
    out.append(name);
    out += '=';
  };
  if constexpr (kIsNodePointer<Field>) {
    if (field == nullptr) return;
    key();
    out += Dump(field);
  } else if constexpr (std::is_same_v<Field, std::string_view>) {
    if (field.empty()) return;
    key();
    out.append(field);
  } else if constexpr (std::is_same_v<Field, Ident>) {
    if (field.empty()) return;
    key();
    out.append(field.text);
  } else if constexpr (SpanItem<Field>::kIsSpan) {
    if (field.empty()) return;
    key();
    out += '[';
    bool first = true;
    for (const auto& item : field) {
      if (!first) out += ", ";
      first = false;
      if constexpr (kIsNodePointer<typename SpanItem<Field>::Type>) {
        out += Dump(item);
      } else if constexpr (std::is_same_v<typename SpanItem<Field>::Type, Ident>) {
        out.append(item.text);
      } else {
        out.append(item);
      }
    }
    out += ']';
  } else if constexpr (std::is_same_v<Field, SelectOptions>) {
    if (field.distinct) {
      key();
      out += "distinct";
    }
  } else {
    if (static_cast<int64_t>(field) == 0) return;
    key();
    out += std::to_string(static_cast<int64_t>(field));
  }
}

std::string_view NextName(std::string_view& names) {
  const size_t comma = names.find(',');
  std::string_view name = names.substr(0, comma);
  names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  return name;
}

}  // namespace

void ForEachChild(const Node& node, FunctionRef<void(const Node&)> visit) {
  Dispatch(node, [&](const auto& typed) {
    EachField(typed, [&](const auto& field) { EachChildOfField(field, visit); });
  });
}

bool Walk(const Node* node, FunctionRef<Visit(const Node&)> pre) {
  return node == nullptr || WalkNode(*node, pre, nullptr);
}

bool Walk(const Node* node, FunctionRef<Visit(const Node&)> pre,
          FunctionRef<void(const Node&)> post) {
  return node == nullptr || WalkNode(*node, pre, &post);
}

bool Equal(const Node* a, const Node* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->kind != b->kind) return false;
  return Dispatch(*a, [&](const auto& left) {
    using T = std::remove_cvref_t<decltype(left)>;
    const T& right = static_cast<const T&>(*b);
    bool equal = true;
    const auto compare = [&]<size_t... I>(std::index_sequence<I...>) {
      [[maybe_unused]] const auto x = left.Fields();  // unused in nodes without fields
      [[maybe_unused]] const auto y = right.Fields();
      equal = (EqualField(std::get<I>(x), std::get<I>(y)) && ...);
    };
    compare(std::make_index_sequence<std::tuple_size_v<decltype(left.Fields())>>());
    return equal;
  });
}

uint64_t Hash(const Node* node, uint64_t seed) {
  if (node == nullptr) return Mix(seed, 1);
  uint64_t h = Mix(seed, static_cast<uint64_t>(node->kind) + 7);
  Dispatch(*node, [&](const auto& typed) {
    EachField(typed, [&](const auto& field) { h = HashField(h, field); });
  });
  return h;
}

std::string Dump(const Node* node) {
  if (node == nullptr) return "null";
  std::string out(KindName(node->kind));
  out += '{';
  Dispatch(*node, [&](const auto& typed) {
    std::string_view names = std::remove_cvref_t<decltype(typed)>::kFieldNames;
    EachField(typed, [&](const auto& field) { DumpField(out, NextName(names), field); });
  });
  out += '}';
  return out;
}

}  // namespace tessera::sqlparser
