// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// tessera doctor.
#include <utility>

#include "doctor/examine.h"
#include "localcluster/internal/commands.h"
#include "runtime/loop_pool.h"
#include "topo/topo_flags.h"

namespace tessera::localcluster {

namespace {

// Whom a fleet's topology does not name.
struct AddressFlags {
  flags::Flag<std::vector<std::string>> gates{
      "gates", {}, "host:port of each gate's status pages: gates have no records."};
  flags::Flag<std::vector<std::string>> vtctlds{"vtctlds", {}, "host:port of each vtctld's gRPC."};
};

Result<std::vector<runtime::Address>> ParseAll(const std::vector<std::string>& texts) {
  std::vector<runtime::Address> out;
  for (const std::string& text : texts) {
    TRY(runtime::Address address, runtime::Address::Parse(text));
    out.push_back(std::move(address));
  }
  return out;
}

doctor::Place PlaceOf(const Layout& layout) {
  doctor::Place place;
  place.topology.implementation = layout.topo_implementation();
  place.topology.global_address = layout.topo_address();
  place.topology.global_root = layout.global_root();
  for (const GatePlace& gate : layout.gates)
    place.gates.push_back(runtime::Address::Tcp("127.0.0.1", gate.http_port));
  place.vtctlds.push_back(runtime::Address::Tcp("127.0.0.1", layout.vtctld_port));
  return place;
}

// The fleet of the topology that is named, else the cluster of the folder.
Result<doctor::Place> FindPlace(const topo::TopoFlags& topo, const std::string& folder) {
  if (topo.global_address->empty()) {
    TRY(const Layout layout, FindCluster(folder));
    return PlaceOf(layout);
  }
  doctor::Place place;
  place.topology = topo.ToOptions();
  return place;
}

Result<doctor::Place> WholePlace(const topo::TopoFlags& topo, const std::string& folder,
                                 const AddressFlags& addresses) {
  TRY(doctor::Place place, FindPlace(topo, folder));
  TRY(std::vector<runtime::Address> gates, ParseAll(*addresses.gates));
  TRY(std::vector<runtime::Address> vtctlds, ParseAll(*addresses.vtctlds));
  place.gates.insert(place.gates.end(), gates.begin(), gates.end());
  place.vtctlds.insert(place.vtctlds.end(), vtctlds.begin(), vtctlds.end());
  return place;
}

}  // namespace

int RunDoctor(const Arguments& arguments, const topo::Server::Factories& topologies) {
  DataFlag data;
  topo::TopoFlags topo;
  AddressFlags addresses;
  doctor::ExamineFlags examine;
  flags::FlagSet set(
      "tessera doctor",
      "Looks for what is broken between the processes of a fleet. Status 1: a fault.");
  set.Add(data.data);
  topo.Register(set, topologies);
  set.Add(addresses.gates, addresses.vtctlds);
  examine.Register(set);
  const Parsed parsed = ParseWords(set, arguments, 0);
  if (!parsed.go_on) return parsed.status;
  Result<doctor::Place> place = WholePlace(topo, data.Folder(), addresses);
  if (!place.ok()) {
    Fail("doctor", place.error());
    return 2;
  }
  return runtime::RunLoop([&](const Context& ctx) {
    return doctor::Examine(ctx, examine, std::move(*place), topologies);
  });
}

}  // namespace tessera::localcluster
