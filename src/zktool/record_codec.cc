// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zktool/record_codec.h"

#include <memory>

#include <google/protobuf/text_format.h>

#include "proto/topodata.pb.h"
#include "proto/vschema.pb.h"

namespace tessera::zktool {

namespace {

using google::protobuf::Message;

template <class T>
std::unique_ptr<Message> Make() {
  return std::make_unique<T>();
}

struct Kind {
  std::string_view name;
  std::unique_ptr<Message> (*make)();
};

constexpr Kind kKinds[] = {
    {"CellInfo", Make<topodata::CellInfo>},
    {"CellsAlias", Make<topodata::CellsAlias>},
    {"Keyspace", Make<topodata::Keyspace>},
    {"Shard", Make<topodata::Shard>},
    {"ShardReplication", Make<topodata::ShardReplication>},
    {"SrvKeyspace", Make<topodata::SrvKeyspace>},
    {"Tablet", Make<topodata::Tablet>},
    {"VSchema", Make<vschema::Keyspace>},
    {"SrvVSchema", Make<vschema::SrvVSchema>},
    {"RoutingRules", Make<vschema::RoutingRules>},
    {"ShardRoutingRules", Make<vschema::ShardRoutingRules>},
    {"Rules", Make<vschema::KeyspaceRoutingRules>},
    {"MirrorRules", Make<vschema::MirrorRules>},
};

}  // namespace

Result<std::string> DecodeRecord(std::string_view path, std::string_view bytes) {
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::string_view dir = slash == std::string_view::npos ? "" : path.substr(0, slash);
  if (dir.ends_with("/locks") || dir.find("/elections/") != std::string_view::npos ||
      dir.ends_with("/metadata"))
    return std::string(bytes);
  for (const Kind& kind : kKinds) {
    if (kind.name != name) continue;
    const std::unique_ptr<Message> message = kind.make();
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return Errorf(Code::kDataLoss, "{}: its {} bytes are no {}", path, bytes.size(), name);
    std::string text;
    google::protobuf::TextFormat::PrintToString(*message, &text);
    return text;
  }
  return Errorf(Code::kInvalidArgument, "{}: no record of the topology is called {}", path, name)
      .WithHint("leave --decodeProto out to see its bytes");
}

}  // namespace tessera::zktool
