// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/internal/wire_metadata.h"

#include <algorithm>
#include <cstdint>

namespace tessera::rpc {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

bool IsReserved(std::string_view name) {
  return name.starts_with(':') || name.starts_with("grpc-") || name == "te" ||
         name == "content-type" || name == "user-agent";
}

bool IsName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

bool IsText(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

}  // namespace

std::string Base64Encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out.push_back(kAlphabet[bits >> (count - 6) & 63]);
  }
  if (count > 0) out.push_back(kAlphabet[bits << (6 - count) & 63]);
  return out;
}

bool Base64Decode(std::string_view text, std::string& out) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = Base64Digit(c);
    if (digit < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 255));
    }
  }
  return true;
}

void AddReceived(std::string_view name, std::string_view value, Metadata& metadata) {
  if (IsReserved(name)) return;
  if (!name.ends_with("-bin")) return metadata.Add(name, value);
  // Several values of one name may come joined by commas.
  for (;;) {
    const size_t comma = value.find(',');
    std::string bytes;
    if (Base64Decode(value.substr(0, comma), bytes)) metadata.Add(name, bytes);
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

Result<> MetadataFields::Append(const Metadata& metadata, std::vector<http::HeaderField>& fields) {
  for (const auto& [name, value] : metadata) {
    if (IsReserved(name)) continue;
    if (!IsName(name))
      return Errorf(Code::kInvalidArgument,
                    "metadata name '{}' is not lower-case letters, digits, '-', '_', '.'", name);
    if (name.ends_with("-bin")) {
      fields.emplace_back(name, encoded_.emplace_back(Base64Encode(value)));
    } else if (IsText(value)) {
      fields.emplace_back(name, value);
    } else {
      return Errorf(Code::kInvalidArgument,
                    "metadata value of '{}' is not printable ASCII; name it '{}-bin'", name, name);
    }
  }
  return Ok{};
}

}  // namespace tessera::rpc
