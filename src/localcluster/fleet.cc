// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/fleet.h"

#include <chrono>

#include "log/log.h"
#include "runtime/task_group.h"

namespace tessera::localcluster {

namespace {

constexpr std::chrono::seconds kOrderlyEnd(10);

Task<Result<>> StopQuietly(const Context& ctx, Member& member) {
  const Result<> stopped = co_await member.service->Stop(ctx);
  if (!stopped.ok())
    LOG(kError, "{} cannot be stopped: {}", member.service->name(), stopped.error().ToString());
  member.pid = co_await member.service->Pid();
  co_return Ok{};
}

}  // namespace

Fleet::Fleet(const Layout& layout, const std::string& program_dir) {
  if (layout.uses_etcd()) {
    const std::vector<uint16_t> ports = {layout.etcd_port, layout.etcd_peer_port};
    topology_ = Add(MakeProgram(layout, "etcd", "etcd", layout.EtcdArguments(), ports));
  }
  if (layout.uses_zookeeper()) topology_ = Add(MakeZookeeper(layout));
  for (const TabletPlace& tablet : layout.tablets) {
    mysqls_.push_back(Add(MakeMysql(layout, tablet)));
    const std::vector<uint16_t> ports = {tablet.grpc_port, tablet.http_port};
    tablets_.push_back(Add(MakeProgram(layout, TabletName(tablet), program_dir + "/vttablet",
                                       layout.TabletArguments(tablet), ports)));
  }
  for (const GatePlace& gate : layout.gates) {
    const std::vector<uint16_t> ports = {gate.mysql_port, gate.grpc_port, gate.http_port};
    gates_.push_back(Add(MakeProgram(layout, gate.name, program_dir + "/vtgate",
                                     layout.GateArguments(gate), ports)));
  }
  const std::vector<uint16_t> ports = {layout.vtctld_port, layout.vtctld_http_port};
  vtctld_ =
      Add(MakeProgram(layout, "vtctld", program_dir + "/vtctld", layout.VtctldArguments(), ports));
}

std::unique_ptr<Member> Fleet::Add(std::unique_ptr<Service> service) {
  auto member = std::make_unique<Member>();
  member->service = std::move(service);
  all_.push_back(member.get());
  return member;
}

Task<size_t> Fleet::Look() {
  size_t running = 0;
  for (Member* member : all_) {
    member->pid = co_await member->service->Pid();
    running += member->pid != 0;
  }
  co_return running;
}

std::vector<Member*> Fleet::Of(Kind kind) const {
  std::vector<Member*> out;
  if (kind == Kind::kTopology) {
    if (topology_ != nullptr) out.push_back(topology_.get());
    return out;
  }
  const auto& members = kind == Kind::kGates ? gates_ : kind == Kind::kTablets ? tablets_ : mysqls_;
  for (const std::unique_ptr<Member>& member : members) out.push_back(member.get());
  if (kind == Kind::kGates) out.push_back(vtctld_.get());
  return out;
}

Task<> Fleet::Stop(Kind kind) {
  const Context bounded = Context::Background().WithTimeout(kOrderlyEnd);
  runtime::TaskGroup group(Context::Background());
  for (Member* member : Of(kind)) group.Start(StopQuietly(bounded, *member));
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
}

}  // namespace tessera::localcluster
