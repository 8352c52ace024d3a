// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/codec.h"
#include "queryservice/internal/shared_messages.h"
#include "queryservice/internal/wire_reader.h"
#include "queryservice/internal/wire_writer.h"

// Messages of attached sessions: protobuf's encoding, field numbers of our own.
namespace tessera::queryservice {

using internal::BytesKey;
using internal::DecodeAlias;
using internal::EncodeAlias;
using internal::Finished;
using internal::PutBytes;
using internal::PutNumber;
using internal::PutSigned;
using internal::VarintKey;
using internal::WireReader;

std::string EncodeAttachedTo(const AttachedTo& about) {
  std::string out;
  PutSigned(out, 1, about.reserved_id);
  EncodeAlias(about.alias, 2, out);
  PutBytes(out, 3, about.database);
  PutNumber(out, 4, about.thread_id);
  PutNumber(out, 5, about.capabilities);
  PutBytes(out, 6, about.server_version);
  return out;
}

Result<AttachedTo> DecodeAttachedTo(std::string_view bytes) {
  AttachedTo about;
  WireReader reader(bytes);
  while (reader.Next()) {
    const uint64_t key = reader.key();
    if (key == VarintKey(1)) about.reserved_id = reader.signed_number();
    if (key == BytesKey(2)) {
      TRY(about.alias, DecodeAlias(reader.bytes()));
    }
    if (key == BytesKey(3)) about.database = reader.bytes();
    if (key == VarintKey(4)) about.thread_id = static_cast<uint32_t>(reader.number());
    if (key == VarintKey(5)) about.capabilities = reader.number();
    if (key == BytesKey(6)) about.server_version = reader.bytes();
  }
  TRY_OK(Finished(reader, "attached session"));
  return about;
}

std::string EncodeAttachedCommand(const AttachedCommand& command) {
  std::string out;
  PutBytes(out, 1, command.bytes);
  PutNumber(out, 2, command.continues ? 1 : 0);
  PutNumber(out, 3, command.interrupt ? 1 : 0);
  return out;
}

Result<AttachedCommand> DecodeAttachedCommand(std::string_view bytes) {
  AttachedCommand command;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) command.bytes = reader.bytes();
    if (reader.key() == VarintKey(2)) command.continues = reader.number() != 0;
    if (reader.key() == VarintKey(3)) command.interrupt = reader.number() != 0;
  }
  TRY_OK(Finished(reader, "attached command"));
  return command;
}

}  // namespace tessera::queryservice
