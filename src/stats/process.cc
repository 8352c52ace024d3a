// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "stats/family.h"

namespace tessera::stats {

namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double OpenFiles() {
  std::error_code error;
  double count = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
       at.increment(error))
    ++count;
  return std::max(0.0, count - 1);  // without the one that counted
}

Family Plain(Family family) {
  family.plain = true;
  return family;
}

}  // namespace

Families ProcessFamilies(std::chrono::nanoseconds up) {
  Families out;
  out.push_back(Gauge("Uptime", "Nanoseconds since the start.", static_cast<double>(up.count())));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  out.push_back(
      Gauge("MaxFds", "Most files the process may open.", static_cast<double>(files.rlim_cur)));
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = Seconds(used.ru_utime) + Seconds(used.ru_stime);
  out.push_back(Plain(Counter("process_cpu_seconds_total", "CPU time of all threads.", cpu)));
  double total = 0;
  double resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  out.push_back(Plain(Gauge("process_resident_memory_bytes", "Memory in use.", resident * page)));
  out.push_back(Plain(Gauge("process_virtual_memory_bytes", "Addresses in use.", total * page)));
  out.push_back(Plain(Gauge("process_open_fds", "Open files.", OpenFiles())));
  out.push_back(Plain(Gauge("process_max_fds", "Most files the process may open.",
                            static_cast<double>(files.rlim_cur))));
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  const std::chrono::duration<double> ran = up;
  out.push_back(Plain(
      Gauge("process_start_time_seconds", "When it began, since 1970.", (now - ran).count())));
  return out;
}

}  // namespace tessera::stats
