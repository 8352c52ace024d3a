// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "tmclient/client.h"
#include "topo/memory_conn.h"
#include "vtctl/effects.h"
#include "vtctl/record_text.h"
#include "vtctlweb/json_answer.h"
#include "vtctlweb/web.h"
#include "webauth/users.h"

namespace tessera::vtctlweb {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

// vtctld's pages over a topology in memory, with one cell and one keyspace.
struct House {
  topo::Server& topology;
  const vtctl::Methods& methods;
};
using Body = Task<Result<>> (*)(const Context&, House&);

Task<Result<>> RunIn(const Context& ctx, topo::MemoryTopo& memory, Body body) {
  topo::ServerOptions options;
  options.implementation = "memory";
  topo::Server::Factories factories;
  factories["memory"] = &memory;
  CO_TRY(const auto server, co_await topo::Server::Open(ctx, options, factories));
  topo::CellInfo cell;
  cell.root = "/zone1";
  CO_TRY_OK(co_await server->CreateCell(ctx, "zone1", cell));
  CO_TRY_OK(co_await server->EnsureShard(ctx, "shop", "0"));
  tmclient::Client tablets;
  vtctl::Control control{*server, tablets};
  const vtctl::Methods methods = vtctl::AllMethods(control);
  House house{*server, methods};
  const Result<> done = co_await body(ctx, house);
  co_await tablets.Close();
  co_await server->Close();
  co_return done;
}

Task<int> Main(const Context& ctx, topo::MemoryTopo& memory, Body body) {
  const Context bounded = ctx.WithTimeout(std::chrono::seconds(60));
  const Result<> done = co_await RunIn(bounded, memory, body);
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  co_return 0;
}

void RunHouse(Body body) {
  topo::MemoryTopo memory;
  runtime::RunLoop([&](const Context& ctx) { return Main(ctx, memory, body); });
}

http::Request Asking(std::string path) {
  http::Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.peer = "127.0.0.1:5000";
  request.headers = {{"host", "localhost:15000"}};
  return request;
}

http::Request Calling(const std::string& method, std::string body) {
  http::Request request = Asking("/api/vtctld/" + method);
  request.method = "POST";
  request.body = std::move(body);
  request.headers.emplace_back("x-tessera", "1");
  request.headers.emplace_back("content-type", "application/json");
  return request;
}

void SetHeader(http::Request& request, const std::string& name, const std::string& value) {
  std::erase_if(request.headers, [&name](const auto& header) { return header.first == name; });
  if (!value.empty()) request.headers.emplace_back(name, value);
}

std::string HeaderOf(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

Task<http::Response> Answer(const Context& ctx, const http::Router& router,
                            const http::Request& request) {
  const http::Handler* const handler = router.Find(request.path);
  CHECK(handler != nullptr);
  co_return co_await (*handler)(ctx, request);
}

std::string CodeIn(const http::Response& response) {
  const json body = json::parse(response.body, nullptr, false);
  return body.contains("error") ? body["error"]["code"].get<std::string>() : "";
}

// Pages with these flags, ready to be asked.
struct Opened {
  std::unique_ptr<Web> web;
  http::Router router;
};
Result<std::unique_ptr<Opened>> OpenWeb(const Context& ctx, House& house, const WebFlags& flags) {
  auto opened = std::make_unique<Opened>();
  Web::Sources sources{house.topology, house.methods, discovery::DialTablet, "zone1"};
  TRY(opened->web, Web::Open(ctx, flags, std::move(sources)));
  opened->web->AddTo(opened->router);
  return opened;
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "vtctlweb_test.XXXXXX").string();
    CHECK(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Task<Result<>> Calls(const Context& ctx, House& house) {
  const WebFlags flags;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  const http::Request good = Calling("GetKeyspace", R"({"keyspace": "shop"})");
  const http::Response keyspace = co_await Answer(ctx, at->router, good);
  EXPECT_EQ(keyspace.status, 200) << keyspace.body;
  EXPECT_EQ(json::parse(keyspace.body)["keyspace"]["name"], "shop");
  EXPECT_THAT(HeaderOf(keyspace, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(HeaderOf(keyspace, "Cache-Control"), "no-store");

  const http::Request none = Calling("GetKeyspace", R"({"keyspace": "none"})");
  const http::Response missing = co_await Answer(ctx, at->router, none);
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(CodeIn(missing), "NOT_FOUND");

  const http::Request unknown = Calling("DropEverything", "{}");
  const http::Response no_method = co_await Answer(ctx, at->router, unknown);
  EXPECT_EQ(no_method.status, 404);
  EXPECT_THAT(no_method.body, HasSubstr("no method DropEverything"));
  co_return Ok{};
}
TEST(Web, CallsAnyMethodByItsJson) { RunHouse(Calls); }

Task<Result<>> Hostile(const Context& ctx, House& house) {
  const WebFlags flags;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  const std::map<std::string, int> bodies = {
      {"", 400},
      {"{", 400},
      {"[]", 400},
      {"null\x01", 400},
      {R"({"keyspace": 7})", 400},
      {R"({"keyspace": "a", "keyspace": {"x": []}})", 400},
      {R"({"keyspaze": "shop"})", 400},
      {"{\"keyspace\": \"\xff\xfe\"}", 400},
      {std::string(200'000, '['), 400},
      {"{\"keyspace\": \"" + std::string(size_t{5} << 20, 'a') + "\"}", 413},
  };
  for (const auto& [body, status] : bodies) {
    const http::Request request = Calling("GetKeyspace", body);
    const http::Response response = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(response.status, status) << body.substr(0, 60) << "\n" << response.body;
    EXPECT_NE(CodeIn(response), "") << body.substr(0, 60);
  }
  for (const char* name :
       {"", "GetKeyspace/", "../GetKeyspace", "getkeyspace", "GetKeyspaceRequest"}) {
    const http::Request request = Calling(name, "{}");
    const http::Response response = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(response.status, 404) << name;
  }
  co_return Ok{};
}
TEST(Web, HostileJsonIsRefusedInWords) { RunHouse(Hostile); }

Task<Result<>> OtherSites(const Context& ctx, House& house) {
  const WebFlags flags;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  struct Case {
    const char* header;
    const char* value;
    int status;
  };
  const std::vector<Case> cases = {
      {"x-tessera", "", 403},
      {"x-tessera", "2", 403},
      {"content-type", "text/plain", 415},
      {"content-type", "", 415},
      {"content-type", "application/json; charset=utf-8", 200},
      {"host", "evil.example", 403},
      {"host", "", 403},
      {"host", "127.0.0.1.evil.example:15000", 403},
      {"host", "[::1]:15000", 200},
      {"origin", "http://evil.example", 403},
      {"origin", "null", 403},
      {"origin", "http://localhost:15000", 200},
      {"sec-fetch-site", "cross-site", 403},
      {"sec-fetch-site", "same-site", 403},
      {"sec-fetch-site", "same-origin", 200},
  };
  for (const Case& one : cases) {
    http::Request request = Calling("GetKeyspaces", "{}");
    SetHeader(request, one.header, one.value);
    const http::Response response = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(response.status, one.status) << one.header << ": " << one.value << response.body;
  }
  http::Request get = Calling("GetKeyspaces", "{}");
  get.method = "GET";
  const http::Response wrong = co_await Answer(ctx, at->router, get);
  EXPECT_EQ(wrong.status, 405);
  http::Request far = Asking("/");
  far.peer = "192.0.2.7:4000";
  const http::Response afar = co_await Answer(ctx, at->router, far);
  EXPECT_EQ(afar.status, 403);
  http::Request stream = Asking("/api/health/stream");
  SetHeader(stream, "sec-fetch-site", "cross-site");
  const http::Response refused = co_await Answer(ctx, at->router, stream);
  EXPECT_EQ(refused.status, 403);
  EXPECT_FALSE(refused.stream);
  co_return Ok{};
}
TEST(Web, OtherSitesAndOtherMachinesGetNothing) { RunHouse(OtherSites); }

Task<Result<>> ReadOnly(const Context& ctx, House& house) {
  WebFlags flags;
  flags.read_only = true;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  const http::Request change = Calling("CreateKeyspace", R"({"name": "more"})");
  const http::Response refused = co_await Answer(ctx, at->router, change);
  EXPECT_EQ(refused.status, 403);
  const http::Request look = Calling("GetKeyspaces", "{}");
  const http::Response listed = co_await Answer(ctx, at->router, look);
  EXPECT_THAT(listed.body, HasSubstr("shop"));
  EXPECT_THAT(listed.body, Not(HasSubstr("more")));
  const http::Request session = Asking("/api/session");
  const http::Response told = co_await Answer(ctx, at->router, session);
  EXPECT_EQ(json::parse(told.body)["read_only"], true);
  co_return Ok{};
}
TEST(Web, ReadOnlyPagesChangeNothing) { RunHouse(ReadOnly); }

// Every method that may change something is refused when read-only: those that may not are listed.
TEST(Web, WhatChangesNothingIsKnownByName) {
  EXPECT_TRUE(vtctl::ChangesNothing("GetTablet"));
  EXPECT_TRUE(vtctl::ChangesNothing("PingTablet"));
  for (const char* name :
       {"ApplyVSchema", "DeleteTablets", "ExecuteFetchAsDBA", "RefreshState", "SetWritable"}) {
    EXPECT_FALSE(vtctl::ChangesNothing(name)) << name;
  }
}

std::string Basic(const std::string& base64) { return "Basic " + base64; }
constexpr char kAdaRight[] = "YWRhOnNlY3JldA==";  // ada:secret
constexpr char kAdaWrong[] = "YWRhOndyb25n";      // ada:wrong
constexpr char kBobRight[] = "Ym9iOnNlY3JldA==";  // bob:secret

Task<Result<>> Passwords(const Context& ctx, House& house) {
  const Folder folder;
  CO_TRY(const std::string hash, webauth::HashPassword("secret"));
  WebFlags flags;
  flags.auth_file = folder.Write("users.json", json{{"ada", hash}}.dump());
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  http::Request request = Calling("GetKeyspaces", "{}");
  const http::Response asked = co_await Answer(ctx, at->router, request);
  EXPECT_EQ(asked.status, 401);
  EXPECT_THAT(HeaderOf(asked, "WWW-Authenticate"), HasSubstr("Basic"));
  const std::map<std::string, int> shown = {
      {Basic(kAdaRight), 200}, {Basic(kAdaWrong), 401}, {Basic(kBobRight), 401},
      {Basic("YWRh"), 401},    {Basic("!!!"), 401},     {"Bearer x", 401},
  };
  for (const auto& [authorization, status] : shown) {
    SetHeader(request, "authorization", authorization);
    const http::Response response = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(response.status, status) << authorization;
  }
  SetHeader(request, "authorization", Basic(kAdaRight));
  request.peer = "192.0.2.7:4000";
  const http::Response clear = co_await Answer(ctx, at->router, request);
  EXPECT_EQ(clear.status, 403) << "a password in clear text from elsewhere";
  request.encrypted = true;
  const http::Response secret = co_await Answer(ctx, at->router, request);
  EXPECT_EQ(secret.status, 200);
  http::Request page = Asking("/");
  const http::Response no_page = co_await Answer(ctx, at->router, page);
  EXPECT_EQ(no_page.status, 401);
  co_return Ok{};
}
TEST(Web, UsersShowPasswords) { RunHouse(Passwords); }

Task<Result<>> NewUsers(const Context& ctx, House& house) {
  const Folder folder;
  CO_TRY(const std::string secret, webauth::HashPassword("secret"));
  CO_TRY(const std::string wrong, webauth::HashPassword("wrong"));
  WebFlags flags;
  flags.auth_file = folder.Write("users.json", json{{"ada", secret}}.dump());
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  http::Request right = Asking("/api/session");
  SetHeader(right, "authorization", Basic(kAdaRight));
  http::Request bob = Asking("/api/session");
  SetHeader(bob, "authorization", Basic(kBobRight));
  const http::Response before = co_await Answer(ctx, at->router, right);
  EXPECT_EQ(before.status, 200);
  folder.Write("users.json", "{");
  const Result<> broken = co_await at->web->ReloadUsers();
  EXPECT_THAT(broken.error().message(), HasSubstr("users.json"));
  const http::Response still = co_await Answer(ctx, at->router, right);
  EXPECT_EQ(still.status, 200) << "a file that cannot be read changes nothing";
  folder.Write("users.json", json{{"ada", wrong}, {"bob", secret}}.dump());
  CO_TRY_OK(co_await at->web->ReloadUsers());
  const http::Response old = co_await Answer(ctx, at->router, right);
  EXPECT_EQ(old.status, 401) << "a password that was right before";
  const http::Response added = co_await Answer(ctx, at->router, bob);
  EXPECT_EQ(added.status, 200);
  folder.Write("users.json", json{{"ada", wrong}}.dump());
  CO_TRY_OK(co_await at->web->ReloadUsers());
  const http::Response gone = co_await Answer(ctx, at->router, bob);
  EXPECT_EQ(gone.status, 401);
  co_return Ok{};
}
TEST(Web, UsersAreReadAgain) { RunHouse(NewUsers); }

Task<Result<>> ManyWrong(const Context& ctx, House& house) {
  const Folder folder;
  CO_TRY(const std::string hash, webauth::HashPassword("secret"));
  WebFlags flags;
  flags.auth_file = folder.Write("users.json", json{{"ada", hash}}.dump());
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  http::Request good = Asking("/api/session");
  good.peer = "127.0.0.2:1";
  SetHeader(good, "authorization", Basic(kAdaRight));
  http::Request wrong = Asking("/api/session");
  SetHeader(wrong, "authorization", Basic(kAdaWrong));
  for (int i = 0; i < 6; ++i) {
    const http::Response refused = co_await Answer(ctx, at->router, wrong);
    EXPECT_EQ(refused.status, 401) << i;
  }
  const http::Response told_to_wait = co_await Answer(ctx, at->router, wrong);
  EXPECT_EQ(told_to_wait.status, 429);
  const http::Response elsewhere = co_await Answer(ctx, at->router, good);
  EXPECT_EQ(elsewhere.status, 200) << "another address does not wait";
  good.peer = wrong.peer;
  const http::Response remembered = co_await Answer(ctx, at->router, good);
  EXPECT_EQ(remembered.status, 200) << "who showed the right one before does not wait";
  co_return Ok{};
}
TEST(Web, WrongPasswordsMakeTheirAddressWait) { RunHouse(ManyWrong); }

Task<Result<>> Files(const Context& ctx, House& house) {
  const Folder folder;
  folder.Write("index.html", "<!doctype html>the application");
  folder.Write("assets/app-1a2b.js", "let x");
  WebFlags flags;
  flags.dir = folder.path();
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  const http::Request asset = Asking("/assets/app-1a2b.js");
  const http::Response script = co_await Answer(ctx, at->router, asset);
  EXPECT_EQ(script.body, "let x");
  EXPECT_THAT(HeaderOf(script, "Cache-Control"), HasSubstr("immutable"));
  for (const char* path : {"/", "/keyspace/shop", "/index.html", "/assets", "/../secret"}) {
    const http::Request request = Asking(path);
    const http::Response page = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(page.body, "<!doctype html>the application") << path;
    EXPECT_EQ(HeaderOf(page, "Cache-Control"), "no-cache");
  }
  for (const char* path : {"/assets/none.js", "/assets/../index.html", "/assets/"}) {
    const http::Request request = Asking(path);
    const http::Response none = co_await Answer(ctx, at->router, request);
    EXPECT_EQ(none.status, 404) << path;
  }
  flags.dir = folder.path() + "/none";
  EXPECT_FALSE(OpenWeb(ctx, house, flags).ok());
  co_return Ok{};
}
TEST(Web, ServesItsFiles) { RunHouse(Files); }

TEST(Site, SaysHowToBuildIt) {
  const http::Response page = Site().Get("/");
  EXPECT_EQ(page.status, 503);
  EXPECT_THAT(page.body, HasSubstr("npm"));
}

// Collects a stream's bytes until they hold a text, and then hangs up.
class Collector final : public http::BodyWriter {
 public:
  Task<Result<>> Write(const Context& ctx, std::string_view bytes) override {
    CO_TRY_OK(ctx.Check());
    text.append(bytes);
    if (text.find(wanted) != std::string::npos) arrived.WakeAll();
    co_return Ok{};
  }
  Task<Result<>> Await(const Context& ctx, std::string what) {
    wanted = std::move(what);
    if (text.find(wanted) != std::string::npos) co_return Ok{};
    co_return co_await arrived.Wait(ctx);
  }
  std::string text;
  std::string wanted = "\n\n";
  runtime::WaitQueue arrived;
};

Task<Result<>> Write(const Context& ctx, House& house, std::string path, std::string text) {
  CO_TRY_OK(co_await house.topology.global().Update(ctx, path, text, std::nullopt));
  co_return Ok{};
}

Task<Result<>> Watches(const Context& ctx, House& house) {
  const WebFlags flags;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  http::Request request = Asking("/api/topology/watch");
  request.query = "path=/global/notes/one";
  const http::Response response = co_await Answer(ctx, at->router, request);
  EXPECT_EQ(response.content_type, "text/event-stream");
  Collector seen;
  runtime::TaskGroup watching(ctx);
  watching.Start(response.stream(watching.context(), seen));
  CO_TRY_OK(co_await seen.Await(ctx, "\"deleted\":true"));
  CO_TRY_OK(co_await Write(ctx, house, "notes/one", "first"));
  CO_TRY_OK(co_await seen.Await(ctx, "\"data\":\"first\"}\n\n"));
  CO_TRY_OK(co_await Write(ctx, house, "notes/one", "second \"quoted\"\nline"));
  CO_TRY_OK(co_await seen.Await(ctx, R"("data":"second \"quoted\"\nline")"));
  [[maybe_unused]] const Result<> ended = co_await watching.CancelAndJoin();
  request.query = "path=keyspaces";
  const http::Response no_path = co_await Answer(ctx, at->router, request);
  EXPECT_EQ(no_path.status, 400);
  co_return Ok{};
}
TEST(Web, WatchesARecord) { RunHouse(Watches); }

Task<Result<>> Live(const Context& ctx, House& house) {
  const WebFlags flags;
  CO_TRY(const auto at, OpenWeb(ctx, house, flags));
  topo::Tablet tablet;
  tablet.alias = {"zone1", 100};
  tablet.hostname = "127.0.0.1";
  tablet.port_map["grpc"] = 1;  // nobody
  tablet.keyspace = "shop";
  tablet.shard = "0";
  tablet.type = keys::TabletType::kReplica;
  CO_TRY_OK(co_await house.topology.PublishTablet(ctx, tablet));
  at->web->Start();
  const http::Request request = Asking("/api/health/stream");
  const http::Response response = co_await Answer(ctx, at->router, request);
  Collector seen;
  runtime::TaskGroup listening(ctx);
  listening.Start(response.stream(listening.context(), seen));
  CO_TRY_OK(co_await seen.Await(ctx, "\"alias\":\"zone1-0000000100\""));
  EXPECT_THAT(seen.text, HasSubstr("data: {\"all\":true,"));
  EXPECT_THAT(seen.text, HasSubstr("\"up\":false"));
  CO_TRY_OK(co_await house.topology.DeleteTablet(ctx, tablet.alias));
  CO_TRY_OK(co_await seen.Await(ctx, "data: {\"all\":true,\"tablets\":[]}"));
  [[maybe_unused]] const Result<> ended = co_await listening.CancelAndJoin();
  co_await at->web->Stop();
  co_return Ok{};
}
TEST(Web, TellsTheHealthOfTablets) { RunHouse(Live); }

}  // namespace
}  // namespace tessera::vtctlweb
