// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/plan_value.h"

#include <charconv>

namespace tessera::engine {

using sqltypes::BindVar;
using sqltypes::BindVars;
using sqltypes::Type;
using sqltypes::Value;

PlanValue PlanValue::Constant(Type type, std::string bytes) {
  PlanValue out;
  out.type_ = type;
  out.text_ = std::move(bytes);
  return out;
}

PlanValue PlanValue::Var(std::string name) {
  PlanValue out;
  out.kind_ = Kind::kVar;
  out.text_ = std::move(name);
  return out;
}

PlanValue PlanValue::ListVar(std::string name) {
  PlanValue out = Var(std::move(name));
  out.kind_ = Kind::kListVar;
  return out;
}

PlanValue PlanValue::List(std::vector<PlanValue> items) {
  PlanValue out;
  out.kind_ = Kind::kList;
  out.items_ = std::move(items);
  return out;
}

const BindVar* FindVar(const BindVars& vars, std::string_view name) {
  if (name.starts_with("vtg")) {
    size_t number = 0;
    const auto end = std::from_chars(name.data() + 3, name.data() + name.size(), number);
    if (end.ptr == name.data() + name.size() && number >= 1 && number <= vars.size()) {
      const BindVar& var = vars.all()[number - 1];
      if (var.name == name) return &var;
    }
  }
  return vars.Find(name);
}

Result<Value> PlanValue::Get(const BindVars& vars) const {
  if (kind_ == Kind::kConstant) return Value(type_, text_);
  if (is_list()) return Error(Code::kInternal, "a list stands where one value belongs");
  const BindVar* var = FindVar(vars, text_);
  if (var == nullptr) return Errorf(Code::kInvalidArgument, "missing bind var {}", text_);
  if (var->is_list())
    return Errorf(Code::kInvalidArgument, "bind var {} is a list, not a value", text_);
  return var->value;
}

Result<std::vector<Value>> PlanValue::GetList(const BindVars& vars) const {
  std::vector<Value> out;
  if (kind_ == Kind::kList) {
    out.reserve(items_.size());
    for (const PlanValue& item : items_) {
      TRY(const Value value, item.Get(vars));
      out.push_back(value);
    }
    return out;
  }
  if (kind_ != Kind::kListVar) return Error(Code::kInternal, "a value stands where a list belongs");
  const BindVar* var = FindVar(vars, text_);
  if (var == nullptr) return Errorf(Code::kInvalidArgument, "missing bind var {}", text_);
  if (!var->is_list())
    return Errorf(Code::kInvalidArgument, "bind var {} is a value, not a list", text_);
  out.assign(var->values.begin(), var->values.end());
  return out;
}

std::string PlanValue::ToString() const {
  switch (kind_) {
    case Kind::kConstant:
      return Value(type_, text_).ToString();
    case Kind::kVar:
      return ":" + text_;
    case Kind::kListVar:
      return "::" + text_;
    case Kind::kList:
      break;
  }
  std::string out = "(";
  for (const PlanValue& item : items_) {
    if (out.size() > 1) out += ", ";
    out += item.ToString();
  }
  return out + ")";
}

}  // namespace tessera::engine
