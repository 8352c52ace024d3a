// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "vschema/records.h"

namespace tessera::vschema {
namespace {

using google::protobuf::internal::WireFormatLite;

// SrvVSchema.keyspaces, a map: each entry is a message of name and keyspace.
constexpr uint32_t kKeyspacesTag =
    WireFormatLite::MakeTag(1, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

// The fields of a record: entries of keyspaces one by one with their tags, and all others together.
struct Parts {
  std::vector<std::string_view> keyspaces;
  std::string others;
};

// Nothing where the bytes are no message.
std::optional<Parts> Split(std::string_view bytes) {
  Parts parts;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  while (true) {
    const auto start = static_cast<size_t>(in.CurrentPosition());
    const uint32_t tag = in.ReadTag();
    if (tag == 0) break;
    if (!WireFormatLite::SkipField(&in, tag)) return std::nullopt;
    const std::string_view field =
        bytes.substr(start, static_cast<size_t>(in.CurrentPosition()) - start);
    if (tag == kKeyspacesTag) {
      parts.keyspaces.push_back(field);
    } else {
      parts.others += field;
    }
  }
  if (!in.ConsumedEntireMessage()) return std::nullopt;
  return parts;
}

}  // namespace

Result<SrvVSchemaDecoder::Known> SrvVSchemaDecoder::DecodeEntry(std::string_view entry) const {
  const auto known = entries_.find(entry);
  if (known != entries_.end()) return known->second;
  TRY(SrvVSchemaRecord one, DecodeSrvVSchema(entry));
  return Known{one.keyspaces.begin()->first, one.keyspaces.begin()->second};
}

Result<SrvVSchemaRecord> SrvVSchemaDecoder::Decode(std::string_view bytes) {
  auto kept = std::make_unique<const std::string>(bytes);
  const std::optional<Parts> parts = Split(*kept);
  // Then this tells what is wrong.
  if (!parts) return DecodeSrvVSchema(bytes);
  TRY(SrvVSchemaRecord record, DecodeSrvVSchema(parts->others));
  Entries entries;
  entries.reserve(parts->keyspaces.size());
  for (const std::string_view entry : parts->keyspaces) {
    TRY(Known known, DecodeEntry(entry));
    record.keyspaces.insert_or_assign(known.name, known.record);
    entries.emplace(entry, std::move(known));
  }
  entries_ = std::move(entries);
  bytes_ = std::move(kept);
  return record;
}

}  // namespace tessera::vschema
