// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zkctl/zk_config.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/core.h>
#include <unistd.h>

#include "base/check.h"

namespace tessera::zkctl {

namespace {

// Of Debian; the others are what lets it write a log.
constexpr std::string_view kServerJar = "/usr/share/java/zookeeper.jar";
constexpr std::string_view kLogJars =
    ":/usr/share/java/slf4j-log4j12.jar:/usr/share/java/log4j-1.2.jar";

template <class T>
bool ReadNumber(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && out != 0;
}

// Takes what stands before the separator off the text; all of it when there is none.
std::string_view TakeBefore(std::string_view& text, char separator) {
  const size_t at = std::min(text.find(separator), text.size());
  const std::string_view out = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return out;
}

Result<ZkPeer> ParsePeer(std::string_view text) {
  ZkPeer peer;
  std::string_view rest = text;
  const bool has_id = rest.find('@') != std::string_view::npos;
  const std::string_view id = has_id ? TakeBefore(rest, '@') : std::string_view();
  peer.host = TakeBefore(rest, ':');
  const std::string_view leader = TakeBefore(rest, ':');
  const std::string_view election = TakeBefore(rest, ':');
  if (!ReadNumber(id, peer.id) || peer.host.empty() || !ReadNumber(leader, peer.leader_port) ||
      !ReadNumber(election, peer.election_port) || !ReadNumber(rest, peer.client_port)) {
    return Errorf(Code::kInvalidArgument, "'{}' is no ZooKeeper server", text)
        .WithHint(
            "write id@host:leaderPort:electionPort:clientPort, as 1@localhost:3801:3802:3803");
  }
  return peer;
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Result<> WriteText(const std::string& path, std::string_view text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    return Errorf(Code::kUnavailable, "{} cannot be written: {}", path, std::strerror(errno));
  return Ok{};
}

}  // namespace

Result<std::vector<ZkPeer>> ParsePeers(std::string_view text) {
  std::vector<ZkPeer> peers;
  while (!text.empty()) {
    TRY(ZkPeer peer, ParsePeer(TakeBefore(text, ',')));
    const auto twin = std::find_if(peers.begin(), peers.end(),
                                   [&](const ZkPeer& each) { return each.id == peer.id; });
    if (twin != peers.end())
      return Errorf(Code::kInvalidArgument, "two ZooKeeper servers have the id {}", peer.id);
    peers.push_back(std::move(peer));
  }
  if (peers.empty()) return Error(Code::kInvalidArgument, "--zk.cfg names no server");
  return peers;
}

Result<uint32_t> ChooseId(const std::vector<ZkPeer>& peers, uint32_t id, std::string_view host) {
  for (const ZkPeer& peer : peers) {
    if (id != 0 ? peer.id == id : peer.host == host) return peer.id;
  }
  if (id != 0) return Errorf(Code::kInvalidArgument, "--zk.cfg has no server with id {}", id);
  if (peers.size() == 1) return peers[0].id;
  return Errorf(Code::kInvalidArgument, "none of the servers in --zk.cfg is {}", host)
      .WithHint("say which one this is with --zk.myid");
}

std::string ServerFolder(uint32_t id) { return fmt::format("zk_{:03}", id); }

const ZkPeer& ZkConfig::self() const {
  const auto found =
      std::find_if(peers.begin(), peers.end(), [&](const ZkPeer& peer) { return peer.id == id; });
  CHECK(found != peers.end());
  return *found;
}

std::string ZkConfig::ConfigText() const {
  const ZkPeer& me = self();
  std::string out = fmt::format(
      "tickTime=2000\ninitLimit=5\nsyncLimit=2\nmaxClientCnxns=0\nadmin.enableServer=false\n"
      "dataDir={}\nclientPort={}\n",
      dir, me.client_port);
  if (IsLoopback(me.host)) out += fmt::format("clientPortAddress={}\n", me.host);
  if (peers.size() > 1) {
    for (const ZkPeer& peer : peers) {
      out += fmt::format("server.{}={}:{}:{}\n", peer.id, peer.host, peer.leader_port,
                         peer.election_port);
    }
  }
  for (const std::string& line : extra) out += line + "\n";
  return out;
}

Result<> WriteConfig(const ZkConfig& config) {
  std::error_code error;
  std::filesystem::create_directories(config.dir, error);
  if (error)
    return Errorf(Code::kUnavailable, "{} cannot be made: {}", config.dir, error.message());
  TRY_OK(WriteText(config.config_file(), config.ConfigText()));
  TRY_OK(WriteText(config.id_file(), fmt::format("{}\n", config.id)));
  return WriteText(config.log_config_file(),
                   "log4j.rootLogger=INFO, out\n"
                   "log4j.appender.out=org.apache.log4j.ConsoleAppender\n"
                   "log4j.appender.out.layout=org.apache.log4j.PatternLayout\n"
                   "log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n\n");
}

Result<std::vector<std::string>> ServerCommand(const ZkConfig& config) {
  const char* const given = std::getenv("ZK_CLASSPATH");
  const std::string jars =
      given != nullptr ? std::string(given) : fmt::format("{}{}", kServerJar, kLogJars);
  if (given == nullptr && access(std::string(kServerJar).c_str(), R_OK) != 0) {
    return Errorf(Code::kFailedPrecondition, "ZooKeeper's server ({}) is not installed", kServerJar)
        .WithHint("apt-get install libzookeeper-java, or set ZK_CLASSPATH to its jars");
  }
  const char* const home = std::getenv("JAVA_HOME");
  return std::vector<std::string>{home != nullptr ? std::string(home) + "/bin/java" : "java",
                                  "-Dzookeeper.dir=" + config.dir,
                                  "-Xmx512m",
                                  "-Dlog4j.configuration=file:" + config.log_config_file(),
                                  "-cp",
                                  jars,
                                  "org.apache.zookeeper.server.quorum.QuorumPeerMain",
                                  config.config_file()};
}

}  // namespace tessera::zkctl
