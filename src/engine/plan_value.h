// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqltypes/bind_vars.h"

namespace tessera::engine {

// A value that is known when a plan runs: a constant of the statement's text, a bind variable, or a
// list of either.
class PlanValue {
 public:
  PlanValue() = default;  // NULL
  static PlanValue Constant(sqltypes::Type type, std::string bytes);
  static PlanValue Var(std::string name);
  static PlanValue ListVar(std::string name);
  static PlanValue List(std::vector<PlanValue> items);

  bool is_list() const { return kind_ == Kind::kListVar || kind_ == Kind::kList; }
  bool is_var() const { return kind_ == Kind::kVar || kind_ == Kind::kListVar; }
  const std::string& name() const { return text_; }

  // The value; views point into this or into what `vars` points to. kInvalidArgument names a
  // variable that is missing or is of the other form.
  Result<sqltypes::Value> Get(const sqltypes::BindVars& vars) const;
  Result<std::vector<sqltypes::Value>> GetList(const sqltypes::BindVars& vars) const;

  std::string ToString() const;
  friend bool operator==(const PlanValue&, const PlanValue&) = default;

 private:
  enum class Kind : uint8_t { kConstant, kVar, kListVar, kList };
  Kind kind_ = Kind::kConstant;
  sqltypes::Type type_ = sqltypes::Type::kNull;
  std::string text_;  // of the constant, or the variable's name
  std::vector<PlanValue> items_;
};

// BindVars::Find that knows where the variables of a fingerprint (vtg1, vtg2, ...) stand.
const sqltypes::BindVar* FindVar(const sqltypes::BindVars& vars, std::string_view name);

}  // namespace tessera::engine
