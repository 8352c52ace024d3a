// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/spec.h"

#include <charconv>
#include <filesystem>
#include <set>

#include <yaml-cpp/yaml.h>

#include "keys/shard.h"
#include "localcluster/layout.h"
#include "mysqlctl/data_folder.h"
#include "vschema/records.h"

namespace tessera::localcluster {

namespace {

Error At(const YAML::Mark& mark, std::string_view what) {
  return Errorf(Code::kInvalidArgument, "line {}: {}", mark.line + 1, what);
}

// yaml-cpp throws where a scalar is not what was asked for; here it becomes an error of ours.
template <class T>
Result<T> Scalar(const YAML::Node& node, std::string_view key) {
  T value{};
  if (!node.IsScalar() || !YAML::convert<T>::decode(node, value))
    return At(node.Mark(), fmt::format("{} has no usable value", key));
  return value;
}

Result<std::vector<std::string>> ReadShards(const YAML::Node& node) {
  if (node.IsScalar()) return ShardsOf(node.Scalar());
  if (!node.IsSequence()) return At(node.Mark(), "shards is a number or a list of names");
  std::vector<std::string> out;
  for (const YAML::Node& item : node) {
    TRY(const std::string text, Scalar<std::string>(item, "a shard's name"));
    TRY(keys::ShardName shard, keys::ParseShardName(text));
    out.push_back(std::move(shard.name));
  }
  return out;
}

Result<KeyspaceSpec> ReadKeyspace(const YAML::Node& node, const std::string& directory) {
  if (!node.IsMap()) return At(node.Mark(), "a keyspace is a map with name, shards, ...");
  KeyspaceSpec out;
  out.shards = {"0"};
  for (const auto& entry : node) {
    const std::string key = entry.first.Scalar();
    const YAML::Node& value = entry.second;
    if (key == "name") {
      TRY(out.name, Scalar<std::string>(value, key));
    } else if (key == "shards") {
      TRY(out.shards, ReadShards(value));
    } else if (key == "replicas") {
      TRY(out.replicas, Scalar<int>(value, key));
    } else if (key == "database") {
      TRY(out.database, Scalar<std::string>(value, key));
    } else if (key == "vschema") {
      TRY(const std::string file, Scalar<std::string>(value, key));
      const std::string path = (std::filesystem::path(directory) / file).string();
      const std::optional<std::string> text = mysqlctl::ReadFile(path);
      if (!text) return At(value.Mark(), fmt::format("cannot read the VSchema {}", path));
      out.vschema = *text;
    } else if (key == "vschema_json") {
      TRY(out.vschema, Scalar<std::string>(value, key));
    } else {
      return At(entry.first.Mark(), fmt::format("a keyspace has no '{}': name, shards, replicas, "
                                                "database, vschema or vschema_json",
                                                key));
    }
  }
  if (out.name.empty()) return At(node.Mark(), "a keyspace has no name");
  return out;
}

Result<> ReadKey(const std::string& key, const YAML::Node& value, const std::string& directory,
                 ClusterSpec& out) {
  if (key == "cell") {
    TRY(out.cell, Scalar<std::string>(value, key));
  } else if (key == "topology") {
    TRY(out.topology, Scalar<std::string>(value, key));
  } else if (key == "base_port") {
    TRY(out.base_port, Scalar<int>(value, key));
  } else if (key == "gates") {
    TRY(out.gates, Scalar<int>(value, key));
  } else if (key == "durable") {
    TRY(out.durable, Scalar<bool>(value, key));
  } else if (key == "buffer_pool") {
    TRY(out.buffer_pool, Scalar<std::string>(value, key));
  } else if (key == "auth_file") {
    TRY(const std::string file, Scalar<std::string>(value, key));
    out.auth_file = file.empty() ? file : (std::filesystem::path(directory) / file).string();
  } else if (key == "keyspaces") {
    if (!value.IsSequence()) return At(value.Mark(), "keyspaces is a list");
    for (const YAML::Node& item : value) {
      TRY(KeyspaceSpec keyspace, ReadKeyspace(item, directory));
      out.keyspaces.push_back(std::move(keyspace));
    }
  } else {
    return At(value.Mark(), fmt::format("a cluster has no '{}': cell, topology, base_port, gates, "
                                        "durable, buffer_pool, auth_file or keyspaces",
                                        key));
  }
  return Ok{};
}

}  // namespace

Result<std::vector<std::string>> ShardsOf(std::string_view text) {
  int count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed == std::errc() && end == text.data() + text.size() && count > 0) {
    if (count == 1) return std::vector<std::string>{"0"};
    return keys::GenerateShardRanges(count);
  }
  std::vector<std::string> out;
  while (true) {
    const size_t comma = std::min(text.find(','), text.size());
    TRY(keys::ShardName shard, keys::ParseShardName(text.substr(0, comma)));
    out.push_back(std::move(shard.name));
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

Result<ClusterSpec> SpecFromYaml(std::string_view text, const std::string& directory) {
  YAML::Node root;
  try {
    root = YAML::Load(std::string(text));
  } catch (const YAML::Exception& broken) {
    return At(broken.mark, broken.msg);
  }
  if (!root.IsMap()) return Error(Code::kInvalidArgument, "a cluster is a map with keyspaces, ...");
  ClusterSpec out;
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) return At(entry.first.Mark(), "a key is one word");
    TRY_OK(ReadKey(entry.first.Scalar(), entry.second, directory, out));
  }
  TRY_OK(CheckSpec(out));
  return out;
}

Result<ClusterSpec> SpecFromFile(const std::string& path) {
  const std::optional<std::string> text = mysqlctl::ReadFile(path);
  if (!text) return Errorf(Code::kNotFound, "cannot read {}", path);
  return SpecFromYaml(*text, std::filesystem::path(path).parent_path().string()).Wrap(path);
}

std::string SpecToYaml(const ClusterSpec& spec) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  out << YAML::Key << "cell" << YAML::Value << spec.cell;
  out << YAML::Key << "topology" << YAML::Value << spec.topology;
  out << YAML::Key << "base_port" << YAML::Value << spec.base_port;
  out << YAML::Key << "gates" << YAML::Value << spec.gates;
  out << YAML::Key << "durable" << YAML::Value << spec.durable;
  out << YAML::Key << "buffer_pool" << YAML::Value << spec.buffer_pool;
  if (!spec.auth_file.empty()) out << YAML::Key << "auth_file" << YAML::Value << spec.auth_file;
  out << YAML::Key << "keyspaces" << YAML::Value << YAML::BeginSeq;
  for (const KeyspaceSpec& keyspace : spec.keyspaces) {
    out << YAML::BeginMap;
    out << YAML::Key << "name" << YAML::Value << keyspace.name;
    out << YAML::Key << "shards" << YAML::Value << YAML::Flow << keyspace.shards;
    out << YAML::Key << "replicas" << YAML::Value << keyspace.replicas;
    if (!keyspace.database.empty())
      out << YAML::Key << "database" << YAML::Value << keyspace.database;
    if (!keyspace.vschema.empty())
      out << YAML::Key << "vschema_json" << YAML::Value << YAML::DoubleQuoted << keyspace.vschema;
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

Result<> CheckSpec(const ClusterSpec& spec) {
  if (spec.topology != "file" && spec.topology != "etcd" && spec.topology != "zk2")
    return Errorf(Code::kInvalidArgument, "topology '{}' is not known: file, etcd or zk2",
                  spec.topology);
  if (spec.keyspaces.empty()) return Error(Code::kInvalidArgument, "the cluster has no keyspace");
  if (spec.gates < 1 || spec.gates > kMaxGates)
    return Errorf(Code::kInvalidArgument, "{} gates: 1 to {}", spec.gates, kMaxGates);
  std::set<std::string> names;
  int tablets = 0;
  for (const KeyspaceSpec& keyspace : spec.keyspaces) {
    TRY_OK(keys::ValidateKeyspaceName(keyspace.name));
    if (!names.insert(keyspace.name).second)
      return Errorf(Code::kInvalidArgument, "keyspace {} stands twice", keyspace.name);
    if (keyspace.shards.empty() || keyspace.replicas < 0 || keyspace.replicas >= kShardUids)
      return Errorf(Code::kInvalidArgument, "keyspace {}: it needs shards, and 0 to {} replicas",
                    keyspace.name, kShardUids - 1);
    if (!keyspace.vschema.empty())
      TRY_OK(vschema::KeyspaceFromJson(keyspace.vschema).Wrap("keyspace " + keyspace.name));
    tablets += static_cast<int>(keyspace.shards.size()) * (1 + keyspace.replicas);
  }
  if (tablets > kMaxTablets)
    return Errorf(Code::kInvalidArgument, "{} tablets: at most {} on one machine", tablets,
                  kMaxTablets);
  if (spec.base_port < 1024 || spec.base_port + kPorts > 65535)
    return Errorf(Code::kInvalidArgument, "base port {}: 1024 to {}", spec.base_port,
                  65535 - kPorts);
  return Ok{};
}

}  // namespace tessera::localcluster
