// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/task.h"
#include "runtime/loop.h"

namespace tessera::runtime {

class SimMachine;

// How the simulated network behaves. Delays are drawn evenly between the two bounds, for each piece
// of data on its own; data of one connection keeps its order, data of two does not.
struct SimNetwork {
  Duration least_delay = std::chrono::microseconds(50);
  Duration most_delay = std::chrono::milliseconds(5);
  // Chance that a write breaks its connection, in millionths.
  uint32_t resets_per_million = 0;
  // How long a connect into a partition tries.
  Duration connect_timeout = std::chrono::seconds(20);
};

// A world of machines, one thread, virtual time and one seed. Everything that happens is decided by
// the seed: the same seed gives the same trace, byte for byte. The simulated twin of the epoll
// loops: code that runs on a SimMachine's loop cannot tell.
class SimWorld {
 public:
  explicit SimWorld(uint64_t seed, SimNetwork network = {});
  ~SimWorld();
  SimWorld(const SimWorld&) = delete;
  SimWorld& operator=(const SimWorld&) = delete;

  // A running machine with nothing on it. Its name is its host name.
  SimMachine& AddMachine(std::string name);

  // Runs until nothing can happen any more, or virtual time has advanced by `limit`. True in the
  // first case.
  bool Run(Duration limit);

  Instant now() const { return now_; }
  uint64_t Random();
  // A number below `bound`.
  uint64_t Random(uint64_t bound) { return Random() % bound; }

  // Data between the two stays on its way until Heal.
  void Partition(const SimMachine& a, const SimMachine& b);
  void Heal(const SimMachine& a, const SimMachine& b);

  // Runs `what` after the time has passed: how a test plans faults.
  void At(Duration after, std::function<void()> what);

  // One line an event: virtual nanoseconds, machine, what. Note adds a line of the test's own.
  const std::string& trace() const { return trace_; }
  void Note(const SimMachine& machine, std::string_view what);

 private:
  friend class SimMachine;
  friend class SimLoop;
  friend class SimStream;
  friend class SimListener;
  struct Event {
    Instant when;
    uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& other) const {  // for a heap with the soonest on top
      return when != other.when ? when > other.when : order > other.order;
    }
  };
  bool RunReadyMachine();
  bool RunNext(Instant end);
  bool Parted(const SimMachine* a, const SimMachine* b) const;
  Duration Delay();

  SimNetwork network_;
  uint64_t random_state_;
  Instant now_{};
  uint64_t next_order_ = 0;
  std::vector<Event> events_;
  std::vector<std::unique_ptr<SimMachine>> machines_;
  std::set<std::pair<const SimMachine*, const SimMachine*>> partitions_;
  std::string trace_;
};

// One simulated machine: a loop, a host name, and what runs on it. Crash stops it between two steps
// of its code, as a power cut would: nothing of it runs again, its connections break, its ports
// close. Start begins it anew.
class SimMachine {
 public:
  using Main = std::function<Task<>(const Context&)>;

  ~SimMachine();

  const std::string& name() const { return name_; }
  // The loop since the last Crash.
  Loop& loop();
  bool up() const { return up_; }

  // Runs `main` on this machine (several may run).
  void Start(Main main);
  // The mains started since the last Crash that have ended.
  size_t finished() const { return finished_; }

  void Crash();

 private:
  friend class SimWorld;
  friend class SimLoop;
  friend class SimStream;
  friend class SimListener;
  SimMachine(SimWorld& world, std::string name);

  SimWorld& world_;
  std::string name_;
  bool up_ = true;
  uint64_t epoch_ = 0;  // counts crashes
  size_t finished_ = 0;
  std::shared_ptr<class SimLoop> loop_;
};

}  // namespace tessera::runtime
