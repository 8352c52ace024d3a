// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "localcluster/status.h"

#include <nlohmann/json.hpp>

namespace tessera::localcluster {

using nlohmann::json;

std::vector<ServiceStatus> StatusOf(const Fleet& fleet) {
  std::vector<ServiceStatus> out;
  for (const Member* member : fleet.all()) {
    ServiceStatus service;
    service.name = member->service->name();
    service.pid = member->pid;
    service.restarts = member->restarts;
    service.ports = member->service->ports();
    service.log_file = member->service->log_file();
    service.trouble = member->trouble;
    out.push_back(std::move(service));
  }
  return out;
}

std::string StatusToJson(const ClusterStatus& status) {
  json services = json::array();
  for (const ServiceStatus& service : status.services)
    services.push_back({{"name", service.name},
                        {"pid", service.pid},
                        {"restarts", service.restarts},
                        {"ports", service.ports},
                        {"log_file", service.log_file},
                        {"trouble", service.trouble}});
  const json out = {{"phase", status.phase},           {"step", status.step},
                    {"error", status.error},           {"supervisor", status.supervisor},
                    {"mysql_port", status.mysql_port}, {"services", std::move(services)}};
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<ClusterStatus> StatusFromJson(std::string_view text) {
  const json in = json::parse(text, nullptr, false);
  if (!in.is_object()) return Error(Code::kDataLoss, "this is no status of a cluster");
  ClusterStatus out;
  try {
    out.phase = in.at("phase").get<std::string>();
    out.step = in.at("step").get<std::string>();
    out.error = in.at("error").get<std::string>();
    out.supervisor = in.at("supervisor").get<int>();
    out.mysql_port = in.at("mysql_port").get<uint16_t>();
    for (const json& item : in.at("services")) {
      ServiceStatus service;
      service.name = item.at("name").get<std::string>();
      service.pid = item.at("pid").get<int>();
      service.restarts = item.at("restarts").get<int>();
      service.ports = item.at("ports").get<std::vector<uint16_t>>();
      service.log_file = item.at("log_file").get<std::string>();
      service.trouble = item.at("trouble").get<std::string>();
      out.services.push_back(std::move(service));
    }
  } catch (const json::exception& broken) {
    return Errorf(Code::kDataLoss, "the cluster's status cannot be read: {}", broken.what());
  }
  return out;
}

std::string StatusTable(const ClusterStatus& status) {
  size_t width = 4;
  for (const ServiceStatus& service : status.services) width = std::max(width, service.name.size());
  std::string out = fmt::format("{:<{}}  {:>8}  {:>8}  {:<18}  {}\n", "name", width, "pid",
                                "restarts", "ports", "state");
  for (const ServiceStatus& service : status.services) {
    std::string ports;
    for (const uint16_t port : service.ports)
      ports += (ports.empty() ? "" : " ") + std::to_string(port);
    const std::string state = service.pid != 0
                                  ? "running"
                                  : "down: " + service.trouble + " (see " + service.log_file + ")";
    out += fmt::format("{:<{}}  {:>8}  {:>8}  {:<18}  {}\n", service.name, width,
                       service.pid == 0 ? "-" : std::to_string(service.pid), service.restarts,
                       ports, state);
  }
  return out;
}

}  // namespace tessera::localcluster
