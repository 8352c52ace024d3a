// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/plan_description.h"

#include <fmt/core.h>

namespace tessera::engine {

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\u{:04x}", static_cast<int>(c));
        else
          out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

void PlanDescription::Add(std::string_view name, std::string_view value) {
  if (!value.empty()) attributes_.emplace_back(std::string(name), JsonString(value));
}

void PlanDescription::Add(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  std::string list = "[";
  for (const std::string& value : values) {
    if (list.size() > 1) list += ", ";
    list += JsonString(value);
  }
  attributes_.emplace_back(std::string(name), list + "]");
}

std::string PlanDescription::ToJson() const {
  std::string out;
  AppendTo(out, 0);
  return out;
}

void PlanDescription::AppendTo(std::string& out, size_t indent) const {
  const std::string pad(indent + 2, ' ');
  out += "{\n" + pad + "\"OperatorType\": " + JsonString(operator_);
  if (!variant_.empty()) out += ",\n" + pad + "\"Variant\": " + JsonString(variant_);
  if (!keyspace_.empty()) {
    out += ",\n" + pad + "\"Keyspace\": {\"Name\": " + JsonString(keyspace_) +
           ", \"Sharded\": " + (sharded_ ? "true" : "false") + "}";
  }
  for (const auto& [name, value] : attributes_)
    out += ",\n" + pad + JsonString(name) + ": " + value;
  if (!inputs_.empty()) {
    out += ",\n" + pad + "\"Inputs\": [\n";
    for (size_t i = 0; i < inputs_.size(); ++i) {
      out += pad + "  ";
      inputs_[i].AppendTo(out, indent + 4);
      out += i + 1 < inputs_.size() ? ",\n" : "\n";
    }
    out += pad + "]";
  }
  out += "\n" + std::string(indent, ' ') + "}";
}

}  // namespace tessera::engine
