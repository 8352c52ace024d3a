// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/http2_session.h"
#include "rpc/metadata.h"

namespace tessera::rpc {

std::string Base64Encode(std::string_view bytes);
// With or without padding. False when the text is not base64; `out` then has what came before.
bool Base64Decode(std::string_view text, std::string& out);

// Adds a received header, decoded; protocol headers are left out.
void AddReceived(std::string_view name, std::string_view value, Metadata& metadata);

// Header fields of metadata to send, and the bytes they point to.
class MetadataFields {
 public:
  // kInvalidArgument names the pair that HTTP/2 cannot carry.
  Result<> Append(const Metadata& metadata, std::vector<http::HeaderField>& fields);

 private:
  std::deque<std::string> encoded_;
};

}  // namespace tessera::rpc
