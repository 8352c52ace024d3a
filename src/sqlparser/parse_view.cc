// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {

namespace {

// Whether its rows go elsewhere than to whoever asks, which a view's cannot.
bool HasInto(const QueryExpr* query) {
  if (const auto* select = query->As<Select>()) return select->into != nullptr;
  const auto* set = query->As<SetOperation>();
  return set != nullptr && set->into != nullptr;
}

}  // namespace

// [ALGORITHM = x] [DEFINER = u] [SQL SECURITY s] VIEW
Parser::ViewHead Parser::ParseViewHead() {
  ViewHead head;
  if (Accept(Kw::kAlgorithm)) {
    Expect(Tok::kEqual);
    if (!At(Kw::kUndefined) && !At(Kw::kMerge) && !At(Kw::kTemptable)) Fail();
    head.algorithm = AnyName();
  }
  if (At(Kw::kDefiner)) head.definer = ParseDefiner();
  if (Accept(Kw::kSql)) {
    Expect(Kw::kSecurity);
    if (!At(Kw::kDefiner) && !At(Kw::kInvoker)) Fail();
    head.security = AnyName();
  }
  Expect(Kw::kView);
  return head;
}

// name [(columns)] AS query [WITH CHECK OPTION]
template <class View>
void Parser::ParseViewBody(View* view) {
  view->view = ParseTableName();
  if (At(Tok::kLeftParen)) view->columns = ParenNameList();
  Expect(Kw::kAs);
  const Token start = Cur();
  view->select = ParseQuery();
  if (!failed_ && HasInto(view->select)) FailAt(start);
  view->check_option = ParseCheckOption();
}

std::string_view Parser::ParseCheckOption() {
  if (!Accept(Kw::kWith)) return {};
  std::string_view option = "cascaded";
  if (Accept(Kw::kLocal)) {
    option = "local";
  } else {
    Accept(Kw::kCascaded);
  }
  Expect(Kw::kCheck);
  Expect(Kw::kOption);
  return option;
}

const Statement* Parser::ParseCreateView(Comments comments, bool or_replace) {
  CreateView* node = NewAt<CreateView>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  node->or_replace = or_replace;
  const ViewHead head = ParseViewHead();
  node->algorithm = head.algorithm;
  node->definer = head.definer;
  node->security = head.security;
  node->if_not_exists = ParseIfNotExists();
  ParseViewBody(node);
  return node;
}

const Statement* Parser::ParseAlterView(Comments comments) {
  AlterView* node = NewAt<AlterView>(0);
  node->source = RestOfText(0);
  node->comments = comments;
  const ViewHead head = ParseViewHead();
  node->algorithm = head.algorithm;
  node->definer = head.definer;
  node->security = head.security;
  ParseViewBody(node);
  return node;
}

}  // namespace tessera::sqlparser
