// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "reach/page.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "base/executor.h"
#include "reach/look.h"
#include "reach/page_answer.h"

namespace tessera::reach {

using http::Request;
using http::Response;

namespace {

constexpr Duration kPatience = std::chrono::seconds(3);
constexpr Duration kBelieved = std::chrono::seconds(2);
constexpr int kMostAtOnce = 16;

void AddTablet(const topo::Tablet& tablet, std::set<std::string>& out) {
  for (const auto& [name, port] : tablet.port_map)
    out.insert(runtime::Address::Tcp(tablet.hostname, static_cast<uint16_t>(port)).ToString());
  const auto mysql = static_cast<uint16_t>(tablet.mysql_port);
  out.insert(runtime::Address::Tcp(tablet.mysql_hostname, mysql).ToString());
}

// "a:1,b:2" as etcd's addresses are written.
void AddServers(std::string_view text, std::set<std::string>& out) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    out.insert(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

int64_t UnixMicroseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

class Asker {
 public:
  explicit Asker(PageOptions options) : options_(std::move(options)) {}

  Task<Response> Answer(const Context& ctx, const Request& request) {
    if (!MayAsk(request.peer, options_.from))
      co_return Response::Status(
          403, fmt::format("{} may not ask (--debug-reach-from)\n", request.peer));
    PageAnswer answer;
    answer.process = options_.process;
    answer.unix_us = UnixMicroseconds();
    const std::optional<std::string> address = request.Parameter("address");
    if (!address) co_return Response::Json(ToJson(answer));
    const Result<runtime::Address> where = runtime::Address::Parse(*address);
    const Result<How> how = ParseHow(request.Parameter("how").value_or("tcp"));
    if (!where.ok()) co_return Response::Status(400, where.error().message() + "\n");
    if (!how.ok()) co_return Response::Status(400, how.error().message() + "\n");
    if (asked_ >= kMostAtOnce) co_return Response::Status(503, "too many questions at once\n");
    ++asked_;
    const Response response = co_await Ask(ctx, answer, *where, *how);
    --asked_;
    co_return response;
  }

 private:
  Task<Response> Ask(const Context& ctx, PageAnswer& answer, const runtime::Address& where,
                     How how) {
    const Context bounded = ctx.WithTimeout(kPatience);
    co_await ReadKnown(bounded, where.ToString());
    if (where.is_unix() || !known_.contains(where.ToString()))
      co_return Response::Status(
          403, fmt::format("{} is in no record of the topology\n", where.ToString()));
    Question question;
    question.address = where;
    question.how = how;
    question.tls = options_.tls;
    answer.seen = co_await Look(bounded, std::move(question));
    answer.unix_us = UnixMicroseconds();
    co_return Response::Json(ToJson(answer));
  }

  // What cannot be read now stays as it was: a topology that is away is when one wants to look.
  // An address that is not known may have come into a record just now.
  Task<> ReadKnown(const Context& ctx, std::string wanted) {
    const Instant now = Executor::Current().Now();
    const bool fresh = read_at_ && now - *read_at_ < kBelieved;
    if (fresh && known_.contains(wanted)) co_return;
    read_at_ = now;
    std::set<std::string> found(options_.also.begin(), options_.also.end());
    topo::Server& topo = *options_.topo;
    const Result<std::vector<std::string>> cells = co_await topo.GetCells(ctx);
    if (!cells.ok()) {
      known_.insert(found.begin(), found.end());
      co_return;
    }
    for (const std::string& cell : *cells) {
      const auto info = co_await topo.GetCellInfo(ctx, cell);
      if (info.ok()) AddServers(info->record.server_address, found);
    }
    const auto tablets = co_await topo.GetTabletsOfCells(ctx, *cells);
    if (tablets.ok())
      for (const topo::Tablet& tablet : tablets->found) AddTablet(tablet, found);
    if (tablets.ok() && tablets->errors.empty()) known_.clear();
    known_.insert(found.begin(), found.end());
  }

  const PageOptions options_;
  std::set<std::string> known_;
  std::optional<Instant> read_at_;
  int asked_ = 0;
};

}  // namespace

bool MayAsk(std::string_view peer, const std::vector<std::string>& from) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.starts_with("::ffff:")) host.remove_prefix(7);
  if (host.starts_with("127.") || host == "::1") return true;
  return std::any_of(from.begin(), from.end(), [host](const std::string& allowed) {
    return allowed == "*" || allowed == host;
  });
}

void AddPage(pages::Pages& pages, PageOptions options) {
  const auto asker = std::make_shared<Asker>(std::move(options));
  pages.Add(
      "/debug/reach", pages::Role::kAdmin,
      "its clock, and whether it reaches ?address=host:port&how=tcp, tls, grpc or mysql",
      [asker](const Context& ctx, const Request& request) { return asker->Answer(ctx, request); });
}

}  // namespace tessera::reach
