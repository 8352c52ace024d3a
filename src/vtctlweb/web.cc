// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/web.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "log/log.h"
#include "runtime/loop.h"
#include "runtime/signals.h"
#include "vtctlweb/json_answer.h"
#include "vtctlweb/topology_watch.h"

namespace tessera::vtctlweb {

using http::Request;
using http::Response;

namespace {

constexpr std::string_view kCalls = "/api/vtctld/";
constexpr size_t kMostStreams = 200;

LiveHealthOptions HealthOptions(discovery::TabletDialer dial) {
  LiveHealthOptions options;
  options.dial = std::move(dial);
  return options;
}

Result<std::map<std::string, std::string>> ReadUsers(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return Errorf(Code::kNotFound, "--web-auth-file: {} cannot be read", file);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  Result<std::map<std::string, std::string>> hashes = webauth::Users::ParseFile(text);
  if (!hashes.ok()) return std::move(hashes).error().Wrap("--web-auth-file " + file);
  return hashes;
}

Result<Site> ReadSite(const std::string& given) {
  const std::string folder = FindSite(given);
  if (!folder.empty()) return Site::Load(folder);
  LOG(kWarn, "the web pages were not built with this vtctld: install npm and build again");
  return Site();
}

Response WrongMethod(std::string_view allowed) {
  Response response = Response::Status(405, fmt::format("ask with {}\n", allowed));
  response.headers.emplace_back("Allow", std::string(allowed));
  return response;
}

bool IsRead(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// The answer to who was not admitted: 401 asks the browser for a password.
Response Refused(const Error& error) {
  if (error.code() != Code::kUnauthenticated) return ErrorAnswer(error);
  Response response = ErrorAnswer(401, error);
  response.headers.emplace_back("WWW-Authenticate", R"(Basic realm="vtctld", charset="UTF-8")");
  return response;
}

Task<Response> Now(Response response) { co_return response; }

}  // namespace

Web::Web(const Context& ctx, Sources sources, Site site, webauth::Access access, bool read_only)
    : sources_(std::move(sources)),
      site_(std::move(site)),
      access_(std::move(access)),
      health_(ctx, sources_.topology, HealthOptions(sources_.dial)) {
  bridge_.read_only = read_only;
}

Result<std::unique_ptr<Web>> Web::Open(const Context& ctx, const WebFlags& flags, Sources sources) {
  std::unique_ptr<webauth::Users> users;
  if (!flags.auth_file->empty()) {
    TRY(auto hashes, ReadUsers(*flags.auth_file));
    users = std::make_unique<webauth::Users>(std::move(hashes));
  }
  TRY(Site site, ReadSite(*flags.dir));
  webauth::AccessOptions options;
  for (const std::string& host : *flags.hosts) options.hosts.push_back(webauth::HostOf(host));
  webauth::Access access(std::move(options), std::move(users));
  std::unique_ptr<Web> web(
      new Web(ctx, std::move(sources), std::move(site), std::move(access), *flags.read_only));
  web->auth_file_ = *flags.auth_file;
  return web;
}

Task<Result<>> Web::ReloadUsers() {
  if (access_.users() == nullptr) co_return Ok{};
  const auto read = [this] { return ReadUsers(auth_file_); };
  CO_TRY(auto hashes, co_await runtime::RunBlocking(read));
  access_.users()->Replace(std::move(hashes));
  co_return Ok{};
}

Task<> Web::ReloadOnSignal(const Context& ctx) {
  for (;;) {
    const Result<> signal = co_await runtime::WaitForReloadSignal(ctx);
    if (!signal.ok()) co_return;
    const Result<> users = co_await ReloadUsers();
    if (users.ok()) {
      LOG(kInfo, "the users of the web pages were read again");
    } else {
      LOG(kError, "the users of the web pages stay as they were: {}", users.error().ToString());
    }
  }
}

void Web::AddTo(http::Router& router) {
  Add(router, "/", [this](const Context&, const Request& request, const std::string&) {
    return Now(File(request));
  });
  Add(router, "/api/", [](const Context&, const Request& request, const std::string&) {
    return Now(ErrorAnswer(Errorf(Code::kNotFound, "there is no {}", request.path)));
  });
  Add(router, std::string(kCalls),
      [this](const Context& ctx, const Request& request, const std::string& who) {
        return Call(ctx, request, who);
      });
  const Page stream = [this](const Context&, const Request& request, const std::string&) {
    return Now(Stream(request));
  };
  Add(router, "/api/health/stream", stream);
  Add(router, "/api/topology/watch", stream);
  Add(router, "/api/session",
      [this](const Context&, const Request&, const std::string& who) { return Now(Session(who)); });
}

void Web::Add(http::Router& router, std::string path, Page page) {
  router.Handle(std::move(path),
                [this, page = std::move(page)](const Context& ctx, const Request& request) {
                  return Guarded(ctx, request, page);
                });
}

// Nothing is done for anybody before they are known to be let in.
Task<Response> Web::Guarded(const Context& ctx, const Request& request, const Page& page) {
  const Result<std::string> who = co_await access_.Admit(ctx, request);
  Response response;
  if (who.ok())
    response = co_await page(ctx, request, *who);
  else
    response = Refused(who.error());
  webauth::AddSecurityHeaders(response);
  if (request.path.starts_with("/api/") && !response.stream)
    response.headers.emplace_back("Cache-Control", "no-store");
  co_return response;
}

Task<Response> Web::Call(const Context& ctx, const Request& request, const std::string& who) {
  if (request.method != "POST") co_return WrongMethod("POST");
  const Result<> own = webauth::CheckOwnCall(request);
  if (!own.ok()) co_return ErrorAnswer(own.error());
  if (!request.Header("content-type").starts_with("application/json"))
    co_return ErrorAnswer(415,
                          Error(Code::kInvalidArgument, "a call's content is application/json"));
  const std::string_view method = std::string_view(request.path).substr(kCalls.size());
  co_return co_await CallMethod(ctx, sources_.methods, bridge_, method, who, request.body);
}

Response Web::Stream(const Request& request) {
  if (!IsRead(request)) return WrongMethod("GET");
  const Result<> own = webauth::CheckOwnStream(request);
  if (!own.ok()) return ErrorAnswer(own.error());
  if (streams_ >= kMostStreams) {
    return ErrorAnswer(Errorf(Code::kResourceExhausted, "{} browser tabs listen already", streams_)
                           .WithHint("close some of them"));
  }
  Response response = request.path == "/api/health/stream"
                          ? health_.Listen()
                          : WatchRecord(sources_.topology, request.Parameter("path").value_or(""));
  if (!response.stream) return response;
  response.stream = [this, stream = std::move(response.stream)](const Context& ctx,
                                                                http::BodyWriter& out) {
    return RunStream(ctx, out, stream);
  };
  return response;
}

Task<Result<>> Web::RunStream(const Context& ctx, http::BodyWriter& out,
                              const http::BodyStream& stream) {
  ++streams_;
  Result<> ended = co_await stream(ctx, out);
  --streams_;
  co_return ended;
}

Response Web::Session(const std::string& who) const {
  return Response::Json(fmt::format(R"({{"user":{},"read_only":{},"cell":{}}})", JsonString(who),
                                    bridge_.read_only, JsonString(sources_.cell)));
}

Response Web::File(const Request& request) const {
  if (!IsRead(request)) return WrongMethod("GET");
  return site_.Get(request.path);
}

int PrintPasswordHash() {
  std::string password;
  std::getline(std::cin, password);
  const Result<std::string> hash = webauth::HashPassword(password);
  if (!hash.ok()) {
    std::fprintf(stderr, "vtctld: %s\n", hash.error().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", hash->c_str());
  return 0;
}

}  // namespace tessera::vtctlweb
