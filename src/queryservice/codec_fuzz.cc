// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "queryservice/codec.h"

// The first byte picks the message, the rest is the message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tessera::queryservice;
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: {
      DecodedRequest request;
      if (request.Decode(bytes, kReserveBeginExecute.request).ok())
        EncodeRequest(request.request(), kReserveBeginExecute.request);
      break;
    }
    case 1: {
      auto response = DecodeResponse(bytes, kReserveBeginExecute.response, nullptr);
      // Rows of a peer without fields cannot be told apart; with fields they must decode or fail.
      if (response.ok() && response->result && response->result->fields.size() < 1000)
        static_cast<void>(response->result->Decode().ok());
      break;
    }
    case 2:
      static_cast<void>(DecodeHealth(bytes).ok());
      break;
    default:
      static_cast<void>(DecodeSchemaRequest(bytes).ok());
      static_cast<void>(DecodeSchemaResponse(bytes).ok());
      static_cast<void>(DecodeAttachedTo(bytes).ok());
      static_cast<void>(DecodeAttachedCommand(bytes).ok());
  }
  return 0;
}
