// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/json.h"

#include <cmath>

#include <fmt/format.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

namespace tessera::vtctl {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using nlohmann::ordered_json;

namespace {

ordered_json ToJson(const Message& message, JsonStyle style);

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<uint8_t>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k)
      out.push_back(k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=');
  }
  return out;
}

ordered_json Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

ordered_json EnumName(const FieldDescriptor& field, int number) {
  const auto* const value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? ordered_json(number) : ordered_json(value->name());
}

// One value: the field's own, or its i-th when it is repeated.
ordered_json Value(const Message& message, const FieldDescriptor& field, int i, JsonStyle style) {
  const Reflection& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
#define TESSERA_GET(Type) \
  (many ? reflection.GetRepeated##Type(message, &field, i) : reflection.Get##Type(message, &field))
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return TESSERA_GET(Bool);
    case FieldDescriptor::CPPTYPE_INT32:
      return TESSERA_GET(Int32);
    case FieldDescriptor::CPPTYPE_UINT32:
      return TESSERA_GET(UInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(TESSERA_GET(Int64));
    case FieldDescriptor::CPPTYPE_UINT64:
      return std::to_string(TESSERA_GET(UInt64));
    case FieldDescriptor::CPPTYPE_FLOAT:
      // The shortest text that reads back as the same float, not the digits of its double.
      return Number(std::stod(fmt::format("{}", TESSERA_GET(Float))));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Number(TESSERA_GET(Double));
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumName(field, TESSERA_GET(EnumValue));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = TESSERA_GET(String);
      return field.type() == FieldDescriptor::TYPE_BYTES ? Base64(text) : text;
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return many ? ToJson(reflection.GetRepeatedMessage(message, &field, i), style)
                  : ToJson(reflection.GetMessage(message, &field), style);
  }
#undef TESSERA_GET
  return nullptr;
}

// Keys in order, as text.
ordered_json Map(const Message& message, const FieldDescriptor& field, JsonStyle style) {
  const Reflection& reflection = *message.GetReflection();
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  std::map<std::string, ordered_json> sorted;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
    const ordered_json name = Value(entry, key, 0, style);
    sorted[name.is_string() ? name.get<std::string>() : name.dump()] =
        Value(entry, value, 0, style);
  }
  ordered_json out = ordered_json::object();
  for (auto& [name, item] : sorted) out[name] = std::move(item);
  return out;
}

ordered_json Repeated(const Message& message, const FieldDescriptor& field, JsonStyle style) {
  if (field.is_map()) return Map(message, field, style);
  ordered_json out = ordered_json::array();
  for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i)
    out.push_back(Value(message, field, i, style));
  return out;
}

bool IsEmpty(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) == 0;
  return !reflection.HasField(message, &field);
}

ordered_json ToJson(const Message& message, JsonStyle style) {
  ordered_json out = ordered_json::object();
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const bool empty = IsEmpty(message, field);
    // Of a oneof only what is set is there, as is an optional field.
    if (empty && (style.compact || field.containing_oneof() != nullptr)) continue;
    if (field.is_repeated())
      out[field.name()] = Repeated(message, field, style);
    else if (empty && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      out[field.name()] = nullptr;
    else
      out[field.name()] = Value(message, field, 0, style);
  }
  return out;
}

// Strings of a message are UTF-8 by its rules; bytes of a hostile peer may still not be.
std::string Dumped(const ordered_json& value) {
  return value.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string JsonText(const Message& message, JsonStyle style) {
  return Dumped(ToJson(message, style));
}

std::string JsonText(const std::vector<const Message*>& list, JsonStyle style) {
  ordered_json out = ordered_json::array();
  for (const Message* message : list) out.push_back(ToJson(*message, style));
  return Dumped(out);
}

std::string JsonText(const std::map<std::string, const Message*>& by_name, JsonStyle style) {
  ordered_json out = ordered_json::object();
  for (const auto& [name, message] : by_name) out[name] = ToJson(*message, style);
  return Dumped(out);
}

Result<> FromJson(std::string_view json, Message& message, UnknownFields unknown) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = unknown == UnknownFields::kSkip;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &message, options);
  if (status.ok()) return Ok{};
  // The library shows the place on lines of its own, under a caret; the first line says it.
  const std::string text(status.message());
  return Errorf(Code::kInvalidArgument, "no JSON of a {}: {}", message.GetTypeName(),
                text.substr(0, text.find('\n')));
}

}  // namespace tessera::vtctl
