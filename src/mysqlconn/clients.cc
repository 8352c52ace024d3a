// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/clients.h"

#include <algorithm>
#include <iterator>

#include "mysqlconn/server.h"
#include "runtime/loop_pool.h"

namespace tessera::mysqlconn {

void Clients::Add(runtime::Loop& loop, Server& server) {
  const std::lock_guard lock(mutex_);
  places_.push_back(Place{&loop, &server});
}

void Clients::Remove(Server& server) {
  const std::lock_guard lock(mutex_);
  std::erase_if(places_, [&server](const Place& place) { return place.server == &server; });
}

std::vector<Clients::Place> Clients::Places() const {
  const std::lock_guard lock(mutex_);
  return places_;
}

// A server is removed on its own loop only: what is asked there stays true there.
bool Clients::Has(const Server* server) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(places_.begin(), places_.end(),
                     [server](const Place& place) { return place.server == server; });
}

bool Clients::MayManage(std::string_view user, std::string_view whose) const {
  return user == whose || std::any_of(managers_.begin(), managers_.end(), [&](const auto& name) {
           return name == "*" || name == user;
         });
}

Task<std::vector<ClientInfo>> Clients::ListOn(Server* server, std::string user) {
  std::vector<ClientInfo> out;
  if (!Has(server)) co_return out;
  for (ClientInfo& info : server->List())
    if (MayManage(user, info.user)) out.push_back(std::move(info));
  co_return out;
}

Task<std::vector<ClientInfo>> Clients::List(std::string user) {
  std::vector<ClientInfo> out;
  const std::vector<Place> places = Places();
  for (const Place& place : places) {
    const auto list = [this, &place, &user] { return ListOn(place.server, user); };
    std::vector<ClientInfo> here = co_await runtime::RunOn(*place.loop, list);
    out.insert(out.end(), std::make_move_iterator(here.begin()),
               std::make_move_iterator(here.end()));
  }
  std::sort(out.begin(), out.end(),
            [](const ClientInfo& a, const ClientInfo& b) { return a.id < b.id; });
  co_return out;
}

Task<KillOutcome> Clients::KillOn(Server* server, std::string user, uint32_t id, KillWhat what) {
  if (!Has(server)) co_return KillOutcome::kNoSuchClient;
  const std::optional<std::string> whose = server->UserOf(id);
  if (!whose) co_return KillOutcome::kNoSuchClient;
  if (!MayManage(user, *whose)) co_return KillOutcome::kNotAllowed;
  server->Kill(id, what == KillWhat::kQuery);
  co_return KillOutcome::kDone;
}

Task<KillOutcome> Clients::Kill(std::string user, uint32_t id, KillWhat what) {
  const std::vector<Place> places = Places();
  for (const Place& place : places) {
    const auto kill = [&] { return KillOn(place.server, user, id, what); };
    const KillOutcome outcome = co_await runtime::RunOn(*place.loop, kill);
    if (outcome != KillOutcome::kNoSuchClient) co_return outcome;
  }
  co_return KillOutcome::kNoSuchClient;
}

Task<size_t> Clients::KillAllOn(Server* server, std::string whose, KillWhat what) {
  size_t count = 0;
  if (!Has(server)) co_return count;
  for (const ClientInfo& info : server->List()) {
    if (info.user != whose) continue;
    server->Kill(info.id, what == KillWhat::kQuery);
    ++count;
  }
  co_return count;
}

Task<size_t> Clients::KillAll(std::string whose, KillWhat what) {
  size_t count = 0;
  const std::vector<Place> places = Places();
  for (const Place& place : places) {
    const auto kill = [&] { return KillAllOn(place.server, whose, what); };
    const size_t here = co_await runtime::RunOn(*place.loop, kill);
    count += here;
  }
  co_return count;
}

}  // namespace tessera::mysqlconn
