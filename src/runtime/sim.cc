// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/sim.h"

#include <algorithm>

#include "base/timer_heap.h"
#include "base/waiter.h"
#include "runtime/loop_pool.h"
#include "runtime/sync.h"

namespace tessera::runtime {

namespace {

constexpr size_t kWindow = 256 << 10;        // bytes one side may be ahead of the other's reads
constexpr uint16_t kFirstEphemeral = 32768;  // where ports begin that the system chooses
constexpr int64_t kWallStart = 1'750'000'000'000'000'000;

Error ResetError(const std::string& peer) {
  return Errorf(Code::kUnavailable, "read from {}: connection reset by peer", peer);
}

// One direction of a connection. Held by both ends, so that either may go first.
struct Pipe {
  std::string arrived;
  size_t in_flight = 0;
  Instant last_arrival{};  // order within the connection
  bool ended = false;      // the writer is done and all has arrived
  bool broken = false;
  WaitQueue readers;
  WaitQueue writers;
  void Break() {
    broken = true;
    readers.WakeAll();
    writers.WakeAll();
  }
};

}  // namespace

// The loop of one life of a machine. Kept after a crash, with all that its code had, so that
// nothing of the dead life is run or freed: as with the memory of a killed process, nobody looks at
// it again.
class SimLoop final : public Loop {
 public:
  SimLoop(SimWorld& world, SimMachine& machine)
      : world(world), machine(machine), epoch(machine.epoch_) {}

  void Ready(std::coroutine_handle<> coroutine) override { ready.push_back(coroutine); }
  Instant Now() const override { return world.now_; }
  int64_t WallNanos() const override { return kWallStart + world.now_.time_since_epoch().count(); }
  uint64_t Random() override { return world.Random(); }
  void Arm(Timer& timer, Instant when) override {
    BindTimer(timer);
    timers.Arm(timer, when);
  }
  void Disarm(Timer& timer) override { timers.Disarm(timer); }

  Task<Result<std::unique_ptr<Stream>>> Connect(const Context& ctx,
                                                const Address& address) override;
  Result<std::unique_ptr<Listener>> ListenWith(const Address& address,
                                               const ListenOptions& options) override;
  std::unique_ptr<Stream> Open(std::unique_ptr<Socket> socket) override;
  Task<Result<FdEvents>> WaitForFd(const Context&, int, FdEvents) override {
    co_return Error(Code::kUnimplemented, "a simulated machine has no descriptors");
  }
  void Post(std::function<void()> work) override { posted.push_back(std::move(work)); }
  void PostBlocking(std::function<void()> work) override { At(world.Delay(), std::move(work)); }
  size_t stream_count() const override { return streams; }

  bool alive() const { return machine.up_ && machine.epoch_ == epoch; }
  bool runnable() const { return alive() && (!ready.empty() || !posted.empty()); }
  // Something that happens to this life of the machine only.
  void At(Duration after, std::function<void()> what) {
    world.At(after, [this, what = std::move(what)] {
      if (alive()) Enter(what);
    });
  }
  void Enter(const std::function<void()>& what) {
    SetCurrent(this);
    what();
    // A timer may ask for a turn's end without making anybody ready.
    if (alive() && ready.empty() && posted.empty()) RunTurnHooks();
    SetCurrent(nullptr);
  }
  void RunTurn();

  SimWorld& world;
  SimMachine& machine;
  const uint64_t epoch;
  std::deque<std::coroutine_handle<>> ready;
  std::deque<std::function<void()>> posted;
  TimerHeap timers;
  std::map<std::string, class SimListener*> listeners;
  std::vector<class SimStream*> open;
  std::set<void*> mains;  // frames of those that have not ended
  size_t streams = 0;
  uint16_t next_port = kFirstEphemeral;
};

class SimStream final : public Stream {
 public:
  SimStream(SimLoop& loop, SimLoop& other, std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out,
            std::string peer)
      : loop_(loop),
        other_(other),
        in_(std::move(in)),
        out_(std::move(out)),
        peer_(std::move(peer)) {
    loop_.open.push_back(this);
    ++loop_.streams;
  }
  ~SimStream() override {
    Shutdown();
    std::erase(loop_.open, this);
    --loop_.streams;
  }

  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override {
    for (;;) {
      if (shut_) co_return Errorf(Code::kUnavailable, "connection to {} was shut down", peer_);
      if (!in_->arrived.empty()) {
        const size_t count = std::min(into.size(), in_->arrived.size());
        std::copy_n(in_->arrived.begin(), count, into.begin());
        in_->arrived.erase(0, count);
        // The writer lives on the other machine: it hears of the room there.
        const std::shared_ptr<Pipe> pipe = in_;
        other_.At(loop_.world.Delay(), [pipe] { pipe->writers.WakeAll(); });
        co_return count;
      }
      if (in_->broken) co_return ResetError(peer_);
      if (in_->ended) co_return size_t{0};
      const Result<> woken = co_await in_->readers.Wait(ctx);
      if (!woken.ok()) co_return woken.error();
    }
  }

  Result<size_t> TryWrite(std::span<const std::string_view> parts) override {
    if (shut_) return Errorf(Code::kUnavailable, "connection to {} was shut down", peer_);
    if (out_->broken) return Errorf(Code::kUnavailable, "write to {}: broken pipe", peer_);
    const uint32_t resets = loop_.world.network_.resets_per_million;
    if (resets > 0 && loop_.world.Random(1'000'000) < resets) {
      Break("reset");
      return Errorf(Code::kUnavailable, "write to {}: connection reset by peer", peer_);
    }
    std::string data;
    size_t room = kWindow - std::min(kWindow, out_->in_flight + out_->arrived.size());
    for (const std::string_view part : parts) {
      data.append(part.substr(0, room));
      room -= std::min(room, part.size());
    }
    if (!data.empty()) Send(data);
    return data.size();
  }

  Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) override {
    std::string all;
    for (const std::string_view part : parts) all.append(part);
    std::string_view rest = all;
    for (;;) {
      CO_TRY(const size_t sent, TryWrite(std::span<const std::string_view>(&rest, 1)));
      rest.remove_prefix(sent);
      if (rest.empty()) co_return Ok{};
      const Result<> woken = co_await out_->writers.Wait(ctx);
      if (!woken.ok()) co_return woken.error();
    }
  }

  void Shutdown() override {
    if (shut_) return;
    shut_ = true;
    in_->readers.WakeAll();
    out_->writers.WakeAll();
    Deliver("end", {}, [pipe = out_] {
      pipe->ended = true;
      pipe->readers.WakeAll();
    });
  }

  std::string peer() const override { return peer_; }

  // Breaks both directions, ours now and the other side's after the network's delay.
  void Break(const char* why) {
    loop_.world.Note(loop_.machine, std::string(why) + " of connection to " + peer_);
    in_->broken = true;
    out_->broken = true;
    if (loop_.alive()) {
      in_->readers.WakeAll();
      out_->writers.WakeAll();
    }
    Deliver("reset", {}, [in = in_, out = out_] {
      out->readers.WakeAll();
      in->writers.WakeAll();
    });
  }

 private:
  void Send(const std::string& data) {
    out_->in_flight += data.size();
    Deliver("data", data, [pipe = out_, data] {
      pipe->in_flight -= data.size();
      pipe->arrived += data;
      pipe->readers.WakeAll();
    });
  }

  // Brings something to the other side after a delay, behind all that is on its way; waits out
  // partitions.
  void Deliver(const char* what, const std::string& data, std::function<void()> arrive) {
    SimWorld& world = loop_.world;
    const Instant when = std::max(world.now_ + world.Delay(), out_->last_arrival + Duration(1));
    out_->last_arrival = when;
    world.At(when - world.now_,
             [&world, &from = loop_, &to = other_, pipe = out_, what, size = data.size(),
              arrive = std::move(arrive)] { Arrive(world, from, to, *pipe, what, size, arrive); });
  }

  static void Arrive(SimWorld& world, SimLoop& from, SimLoop& to, Pipe& pipe, const char* what,
                     size_t size, const std::function<void()>& arrive) {
    if (!to.alive()) return;
    if (world.Parted(&from.machine, &to.machine)) {
      // Sent again later, in order: what follows waits at least as long.
      pipe.last_arrival = std::max(pipe.last_arrival, world.now_) + Duration(1);
      const Duration later = std::chrono::milliseconds(200) + (pipe.last_arrival - world.now_);
      world.At(later, [&world, &from, &to, &pipe, what, size, arrive] {
        Arrive(world, from, to, pipe, what, size, arrive);
      });
      return;
    }
    world.Note(to.machine, fmt::format("{} of {} bytes from {}", what, size, from.machine.name()));
    to.Enter(arrive);
  }

  SimLoop& loop_;
  SimLoop& other_;
  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  std::string peer_;
  bool shut_ = false;
};

namespace {

// The accepting side's half of a connection.
class SimSocket final : public Socket {
 public:
  explicit SimSocket(std::unique_ptr<SimStream> stream) : stream(std::move(stream)) {}
  std::unique_ptr<SimStream> stream;
};

}  // namespace

class SimListener final : public Listener {
 public:
  SimListener(SimLoop& loop, Address address) : loop_(loop), address_(std::move(address)) {
    loop_.listeners[Key(address_)] = this;
  }
  ~SimListener() override { loop_.listeners.erase(Key(address_)); }

  static std::string Key(const Address& address) {
    return address.is_unix() ? address.unix_path : std::to_string(address.port);
  }
  Task<Result<std::unique_ptr<Socket>>> Accept(const Context& ctx) override {
    while (arrived_.empty()) {
      CO_TRY_OK(co_await waiting_.Wait(ctx));
    }
    std::unique_ptr<Socket> socket = std::move(arrived_.front());
    arrived_.pop_front();
    co_return socket;
  }
  const Address& address() const override { return address_; }
  void Arrived(std::unique_ptr<Socket> socket) {
    arrived_.push_back(std::move(socket));
    waiting_.WakeOne();
  }

 private:
  SimLoop& loop_;
  Address address_;
  std::deque<std::unique_ptr<Socket>> arrived_;
  WaitQueue waiting_;
};

Task<Result<std::unique_ptr<Stream>>> SimLoop::Connect(const Context& ctx, const Address& address) {
  SimMachine* to = &machine;
  if (!address.is_unix()) {
    const auto found =
        std::find_if(world.machines_.begin(), world.machines_.end(),
                     [&address](const auto& other) { return other->name() == address.host; });
    if (found == world.machines_.end())
      co_return Errorf(Code::kUnavailable, "cannot resolve host '{}': no such machine",
                       address.host);
    to = found->get();
  }
  CO_TRY_OK(co_await Sleep(ctx, world.Delay() + world.Delay()));
  const Instant give_up = Now() + world.network_.connect_timeout;
  while (world.Parted(&machine, to) || !to->up_) {
    if (Now() >= give_up)
      co_return Errorf(Code::kUnavailable, "connect to {}: connection timed out",
                       address.ToString());
    CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(200)));
  }
  SimLoop& there = *to->loop_;
  const auto listener = there.listeners.find(SimListener::Key(address));
  if (listener == there.listeners.end())
    co_return Errorf(Code::kUnavailable, "connect to {}: connection refused", address.ToString());
  auto forth = std::make_shared<Pipe>();
  auto back = std::make_shared<Pipe>();
  auto accepted = std::make_unique<SimStream>(there, *this, forth, back, machine.name());
  SimListener* place = listener->second;
  there.Enter(
      [place, &accepted] { place->Arrived(std::make_unique<SimSocket>(std::move(accepted))); });
  SetCurrent(this);
  world.Note(machine, "connected to " + address.ToString());
  co_return std::make_unique<SimStream>(*this, there, back, forth, address.ToString());
}

Result<std::unique_ptr<Listener>> SimLoop::ListenWith(const Address& address,
                                                      const ListenOptions&) {
  Address bound = address;
  if (!bound.is_unix() && bound.port == 0) bound.port = next_port++;
  if (listeners.contains(SimListener::Key(bound)))
    return Errorf(Code::kAlreadyExists, "cannot listen on {}: address already in use",
                  bound.ToString());
  return std::make_unique<SimListener>(*this, std::move(bound));
}

std::unique_ptr<Stream> SimLoop::Open(std::unique_ptr<Socket> socket) {
  return std::move(static_cast<SimSocket&>(*socket).stream);
}

void SimLoop::RunTurn() {
  // As in the real loop, coroutines that keep each other ready cannot keep a turn from its end.
  constexpr int kStepsPerTurn = 256;
  Enter([this] {
    int steps = 0;
    while (!posted.empty() || !ready.empty()) {
      if (!posted.empty()) {
        const std::function<void()> work = std::move(posted.front());
        posted.pop_front();
        work();
        continue;
      }
      const std::coroutine_handle<> coroutine = ready.front();
      ready.pop_front();
      coroutine.resume();
      // A crash asked for by the code itself takes effect between two steps.
      if (!alive()) return;
      if ((ready.empty() && posted.empty()) || ++steps % kStepsPerTurn == 0) RunTurnHooks();
    }
  });
}

SimMachine::SimMachine(SimWorld& world, std::string name)
    : world_(world), name_(std::move(name)), loop_(std::make_shared<SimLoop>(world, *this)) {}

namespace {

// What a life left is kept for ever (see SimLoop), where leak checkers find it.
void Bury(std::shared_ptr<SimLoop> loop) {
  static auto& dead = *new std::vector<std::shared_ptr<SimLoop>>;
  dead.push_back(std::move(loop));
}

}  // namespace

// Mains that never ended are to be found as well.
SimMachine::~SimMachine() {
  if (!loop_->mains.empty()) Bury(std::move(loop_));
}

Loop& SimMachine::loop() { return *loop_; }

namespace {

// Gives a coroutine its own handle.
struct OwnHandle {
  std::coroutine_handle<> handle;
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> self) {
    handle = self;
    return false;
  }
  std::coroutine_handle<> await_resume() const { return handle; }
};

internal::Detached RunMain(SimLoop* loop, std::shared_ptr<SimMachine::Main> main,
                           size_t* finished) {
  const std::coroutine_handle<> self = co_await OwnHandle();
  loop->mains.insert(self.address());
  const Context ctx = Context::Background().WithCancel();
  Task<> task = (*main)(ctx);
  co_await task;
  loop->mains.erase(self.address());
  ++*finished;
}

}  // namespace

void SimMachine::Start(Main main) {
  if (!up_) {
    up_ = true;
    loop_ = std::make_shared<SimLoop>(world_, *this);
    finished_ = 0;
    world_.Note(*this, "starts again");
  }
  auto kept = std::make_shared<Main>(std::move(main));
  loop_->Post([this, kept] { RunMain(loop_.get(), kept, &finished_); });
}

void SimMachine::Crash() {
  if (!up_) return;
  world_.Note(*this, "crashes");
  up_ = false;
  ++epoch_;
  Bury(loop_);
  for (SimStream* stream : loop_->open) stream->Break("crash");
}

SimWorld::SimWorld(uint64_t seed, SimNetwork network) : network_(network), random_state_(seed) {}
SimWorld::~SimWorld() = default;

// SplitMix64 (Steele, Lea, Flood 2014).
uint64_t SimWorld::Random() {
  uint64_t z = random_state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Duration SimWorld::Delay() {
  const auto spread =
      static_cast<uint64_t>((network_.most_delay - network_.least_delay).count()) + 1;
  return network_.least_delay + Duration(Random(spread));
}

SimMachine& SimWorld::AddMachine(std::string name) {
  machines_.push_back(std::unique_ptr<SimMachine>(new SimMachine(*this, std::move(name))));
  return *machines_.back();
}

void SimWorld::At(Duration after, std::function<void()> what) {
  events_.push_back({now_ + after, next_order_++, std::move(what)});
  std::push_heap(events_.begin(), events_.end());
}

void SimWorld::Note(const SimMachine& machine, std::string_view what) {
  trace_ += fmt::format("{} {} {}\n", now_.time_since_epoch().count(), machine.name(), what);
}

void SimWorld::Partition(const SimMachine& a, const SimMachine& b) {
  Note(a, "parted from " + b.name());
  partitions_.insert(std::minmax(&a, &b));
}
void SimWorld::Heal(const SimMachine& a, const SimMachine& b) {
  Note(a, "healed with " + b.name());
  partitions_.erase(std::minmax(&a, &b));
}
bool SimWorld::Parted(const SimMachine* a, const SimMachine* b) const {
  return partitions_.contains(std::minmax(a, b));
}

bool SimWorld::RunReadyMachine() {
  std::vector<SimLoop*> runnable;
  for (const auto& machine : machines_) {
    if (machine->loop_->runnable()) runnable.push_back(machine->loop_.get());
  }
  if (runnable.empty()) return false;
  const std::shared_ptr<SimLoop> chosen = runnable[Random(runnable.size())]->machine.loop_;
  chosen->RunTurn();
  return true;
}

bool SimWorld::RunNext(Instant end) {
  SimLoop* timer_loop = nullptr;
  for (const auto& machine : machines_) {
    SimLoop& loop = *machine->loop_;
    if (!loop.alive() || loop.timers.empty()) continue;
    if (timer_loop == nullptr || loop.timers.next() < timer_loop->timers.next()) timer_loop = &loop;
  }
  const bool timer_first = timer_loop != nullptr &&
                           (events_.empty() || timer_loop->timers.next() < events_.front().when);
  if (!timer_first && events_.empty()) return false;
  const Instant when = timer_first ? timer_loop->timers.next() : events_.front().when;
  if (when > end) return false;
  now_ = std::max(now_, when);
  if (timer_first) {
    timer_loop->Enter([this, timer_loop] { timer_loop->timers.RunOne(now_); });
    return true;
  }
  std::pop_heap(events_.begin(), events_.end());
  const Event event = std::move(events_.back());
  events_.pop_back();
  event.run();
  return true;
}

bool SimWorld::Run(Duration limit) {
  const Instant end = now_ + limit;
  while (RunReadyMachine() || RunNext(end)) {
  }
  const bool idle =
      events_.empty() && std::all_of(machines_.begin(), machines_.end(), [](const auto& machine) {
        return !machine->loop_->alive() || machine->loop_->timers.empty();
      });
  if (!idle) now_ = end;
  return idle;
}

}  // namespace tessera::runtime
