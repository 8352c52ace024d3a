// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/print_impl.h"

namespace tessera::sqlparser {

void FormatTexts(Printer& p, std::span<const std::string_view> texts, std::string_view separator) {
  bool first = true;
  for (const std::string_view text : texts) {
    if (!first) p.Raw(separator);
    first = false;
    p.Raw(text);
  }
}

void Format(Printer& p, const AuthMethod& n) {
  p.Raw(" ").Text(n.lead);
  if (!n.plugin.empty()) p.Text(n.lead == "or" ? " " : " with ").Raw(n.plugin);
  switch (n.secret_type) {
    case AuthSecret::kNone:
      break;
    case AuthSecret::kPassword:
      p.Text(" by ").Raw(n.secret);
      break;
    case AuthSecret::kPasswordHash:
      p.Text(" by password ").Raw(n.secret);
      break;
    case AuthSecret::kRandom:
      p.Text(" by random password");
      break;
    case AuthSecret::kAs:
      p.Text(" as ").Raw(n.secret);
      break;
    case AuthSecret::kUsingPassword:
      p.Text(" using password(").Raw(n.secret).Raw(")");
      break;
  }
  if (!n.replace.empty()) p.Text(" replace ").Raw(n.replace);
  if (n.retain_current) p.Text(" retain current password");
}

void Format(Printer& p, const AccountUser& n) {
  p.Raw(n.name);
  for (const AuthMethod* method : n.methods) p.Print(method);
  if (!n.action.empty()) p.Raw(" ").Raw(n.action);
}

void Format(Printer& p, const CreateUser& n) {
  p.Text(n.alter ? "alter " : n.or_replace ? "create or replace " : "create ").Text("user ");
  if (n.if_not_exists) p.Text(n.alter ? "if exists " : "if not exists ");
  FormatList(p, n.users);
  for (const std::string_view option : n.options) p.Raw(" ").Raw(option);
}

void Format(Printer& p, const CreateRole& n) {
  p.Text(n.or_replace ? "create or replace role " : "create role ");
  if (n.if_not_exists) p.Text("if not exists ");
  FormatTexts(p, n.roles, ", ");
  if (!n.admin.empty()) p.Text(" with admin ").Raw(n.admin);
}

void Format(Printer& p, const DropUser& n) {
  p.Text(n.roles ? "drop role " : "drop user ");
  if (n.if_exists) p.Text("if exists ");
  FormatTexts(p, n.names, ", ");
}

void Format(Printer& p, const RenameUser& n) {
  for (size_t i = 0; i < n.names.size(); ++i) {
    p.Text(i == 0 ? "rename user " : i % 2 == 1 ? " to " : ", ").Raw(n.names[i]);
  }
}

void Format(Printer& p, const Privilege& n) {
  p.Raw(n.name);
  if (n.columns.empty()) return;
  p.Raw(" (");
  FormatNames(p, n.columns);
  p.Raw(")");
}

namespace {

void FormatGrantObject(Printer& p, const Grant& n) {
  static constexpr std::string_view kObjects[] = {"",           "table ",   "function ",
                                                  "procedure ", "package ", "package body "};
  p.Text(" on ").Text(kObjects[static_cast<size_t>(n.object)]);
  switch (n.level) {
    case GrantLevel::kNone:
      break;
    case GrantLevel::kGlobal:
      p.Raw("*.*");
      break;
    case GrantLevel::kDefault:
      p.Raw("*");
      break;
    case GrantLevel::kDatabase:
      if (p.options().qualify_tables) p.Id(n.name->database).Raw(".");
      p.Raw("*");
      break;
    case GrantLevel::kObject:
      p.Print(n.name);
      break;
  }
}

}  // namespace

void Format(Printer& p, const Grant& n) {
  p.Text(n.revoke ? "revoke " : "grant ");
  if (n.if_exists) p.Text("if exists ");
  if (n.admin_option_for) p.Text("admin option for ");
  FormatList(p, n.privileges);
  if (!n.proxied.empty()) p.Text("proxy on ").Raw(n.proxied);
  if (n.level != GrantLevel::kNone) FormatGrantObject(p, n);
  p.Text(n.revoke ? " from " : " to ");
  FormatList(p, n.users);
  for (const std::string_view option : n.options) p.Raw(" ").Raw(option);
  if (n.ignore_unknown_user) p.Text(" ignore unknown user");
}

namespace {

void FormatSetPart(Printer& p, const SetPassword& n) {
  p.Text("password");
  if (!n.user.empty()) p.Text(" for ").Raw(n.user);
  if (n.secret.empty()) {
    p.Text(" to random");
  } else if (n.function.empty()) {
    p.Raw(" = ").Raw(n.secret);
  } else {
    p.Raw(" = ").Text(n.function).Raw("(").Raw(n.secret).Raw(")");
  }
  if (!n.replace.empty()) p.Text(" replace ").Raw(n.replace);
  if (n.retain_current) p.Text(" retain current password");
}

void FormatSetPart(Printer& p, const SetRole& n) {
  p.Text(n.is_default ? "default role " : "role ").Raw(n.roles);
  if (!n.for_user.empty()) p.Text(" for ").Raw(n.for_user);
  if (n.to.empty()) return;
  p.Text(" to ");
  FormatTexts(p, n.to, ", ");
}

}  // namespace

void Format(Printer& p, const SetPassword& n) {
  p.Text("set ");
  FormatSetPart(p, n);
}

void Format(Printer& p, const SetRole& n) {
  p.Text("set ");
  FormatSetPart(p, n);
}

void Format(Printer& p, const SetSeveral& n) {
  bool first = true;
  for (const Node* part : n.parts) {
    p.Text(first ? "set " : ", ");
    first = false;
    if (const auto* password = part->As<SetPassword>()) {
      FormatSetPart(p, *password);
    } else if (const auto* role = part->As<SetRole>()) {
      FormatSetPart(p, *role);
    } else {
      p.Print(part);
    }
  }
}

}  // namespace tessera::sqlparser
