// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace google::protobuf {
class Message;
}

// Messages as JSON, in the form Vitess's tools print: names of fields as in the .proto, enums by
// name, 64-bit numbers as strings, bytes in base64. Fields without a value are shown (null for
// messages) unless compact.
namespace tessera::vtctl {

struct JsonStyle {
  bool compact = false;
};

// Indented by two, without a newline at the end.
std::string JsonText(const google::protobuf::Message& message, JsonStyle style = {});
std::string JsonText(const std::vector<const google::protobuf::Message*>& list,
                     JsonStyle style = {});
std::string JsonText(const std::map<std::string, const google::protobuf::Message*>& by_name,
                     JsonStyle style = {});

enum class UnknownFields : uint8_t { kSkip, kRefuse };

// Fills a message from JSON; names may be in either spelling. kInvalidArgument tells what is wrong
// and where.
Result<> FromJson(std::string_view json, google::protobuf::Message& message,
                  UnknownFields unknown = UnknownFields::kSkip);

}  // namespace tessera::vtctl
