// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/internal/shared_messages.h"

#include "queryservice/internal/wire_writer.h"

namespace tessera::queryservice::internal {

Result<> Finished(const WireReader& reader, std::string_view message) {
  if (!reader.failed()) return Ok{};
  return Errorf(Code::kInvalidArgument,
                "malformed {}: its bytes are cut or are no protobuf message", message);
}

uint64_t LayoutKey(uint8_t field, bool bytes) {
  if (field == 0) return 0;
  return bytes ? BytesKey(field) : VarintKey(field);
}

void EncodeTarget(const keys::Target& target, uint32_t field, std::string& out) {
  std::string body;
  PutBytes(body, 1, target.keyspace);
  PutBytes(body, 2, target.shard);
  PutNumber(body, 3, static_cast<uint64_t>(target.tablet_type));
  PutBytesAlways(out, field, body);
}

Result<keys::Target> DecodeTarget(std::string_view bytes) {
  keys::Target target;
  WireReader reader(bytes);
  while (reader.Next()) {
    switch (reader.key()) {
      case BytesKey(1):
        target.keyspace = reader.bytes();
        break;
      case BytesKey(2):
        target.shard = reader.bytes();
        break;
      case VarintKey(3):
        target.tablet_type = keys::TabletTypeFromNumber(static_cast<int>(reader.number()));
        break;
      default:
        break;
    }
  }
  TRY_OK(Finished(reader, "query.Target"));
  return target;
}

void EncodeAlias(const keys::TabletAlias& alias, uint32_t field, std::string& out) {
  if (alias.empty()) return;
  std::string body;
  PutBytes(body, 1, alias.cell);
  PutNumber(body, 2, alias.uid);
  PutBytesAlways(out, field, body);
}

Result<keys::TabletAlias> DecodeAlias(std::string_view bytes) {
  keys::TabletAlias alias;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) alias.cell = reader.bytes();
    if (reader.key() == VarintKey(2)) alias.uid = static_cast<uint32_t>(reader.number());
  }
  TRY_OK(Finished(reader, "topodata.TabletAlias"));
  return alias;
}

}  // namespace tessera::queryservice::internal
