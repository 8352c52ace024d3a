// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "http/router.h"
#include "topo/server.h"
#include "vtctl/methods.h"
#include "vtctlweb/bridge.h"
#include "vtctlweb/live_health.h"
#include "vtctlweb/site.h"
#include "webauth/access.h"

namespace tessera::vtctlweb {

struct WebFlags {
  flags::Flag<std::string> dir{"web-dir", "",
                               "Folder of the built pages; empty looks beside the program."};
  flags::Flag<std::string> auth_file{
      "web-auth-file", "",
      "JSON of users and their password hashes; without it the pages answer this machine only."};
  flags::Flag<std::vector<std::string>> hosts{
      "web-allowed-hosts", {}, "Names, besides this machine's own, the pages are asked for under."};
  flags::Flag<bool> read_only{"web-read-only", false, "Pages change nothing."};
  flags::Flag<bool> hash_password{
      "web-hash-password", false,
      "Read a password from standard input, print its hash for --web-auth-file, and end."};

  void Register(flags::FlagSet& set) { set.Add(dir, auth_file, hosts, read_only, hash_password); }
};

// All pages of vtctld and what they ask for. Of one loop; await Stop before destruction, after the
// server that serves the pages has ended.
class Web {
 public:
  struct Sources {
    topo::Server& topology;
    const vtctl::Methods& methods;
    discovery::TabletDialer dial;
    std::string cell;
  };

  // Reads the users and the built files.
  static Result<std::unique_ptr<Web>> Open(const Context& ctx, const WebFlags& flags,
                                           Sources sources);
  void AddTo(http::Router& router);
  // Reads the users' file again. What cannot be read changes nothing.
  Task<Result<>> ReloadUsers();
  // Does so at every SIGHUP (runtime::BlockReloadSignal was called), until ctx ends.
  Task<> ReloadOnSignal(const Context& ctx);
  void Start() { health_.Start(); }
  Task<> Stop() { return health_.Stop(); }

 private:
  using Page = std::function<Task<http::Response>(const Context&, const http::Request&,
                                                  const std::string& who)>;
  Web(const Context& ctx, Sources sources, Site site, webauth::Access access, bool read_only);

  void Add(http::Router& router, std::string path, Page page);
  Task<http::Response> Guarded(const Context& ctx, const http::Request& request, const Page& page);
  Task<http::Response> Call(const Context& ctx, const http::Request& request,
                            const std::string& who);
  http::Response Stream(const http::Request& request);
  Task<Result<>> RunStream(const Context& ctx, http::BodyWriter& out,
                           const http::BodyStream& stream);
  http::Response Session(const std::string& who) const;
  http::Response File(const http::Request& request) const;

  const Sources sources_;
  const Site site_;
  webauth::Access access_;
  BridgeOptions bridge_;
  LiveHealth health_;
  size_t streams_ = 0;  // open now
  std::string auth_file_;
};

// What --web-hash-password does: the exit status.
int PrintPasswordHash();

}  // namespace tessera::vtctlweb
