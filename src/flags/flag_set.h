// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tessera::flags {

// Whether a flag's value may be seen by others than who gave it: on pages, in --help.
enum class Secrecy : uint8_t { kOpen, kSecret };

// One flag of a program, whatever its type.
class FlagBase {
 public:
  FlagBase(std::string_view name, std::string_view help, Secrecy secrecy, char letter = '\0')
      : name_(name), help_(help), secrecy_(secrecy), letter_(letter) {}
  virtual ~FlagBase() = default;

  // Vitess's spelling with dashes, without leading ones.
  std::string_view name() const { return name_; }
  std::string_view help() const { return help_; }
  // Its short form, as f in -f; '\0' without one.
  char letter() const { return letter_; }
  // Where the value came from: "default", "command line", "environment TESSERA_NAME", or a file
  // and its line: "file /etc/vtgate.yaml:7".
  const std::string& origin() const { return origin_; }
  bool given() const { return origin_ != "default"; }
  bool secret() const { return secrecy_ == Secrecy::kSecret; }

  // The program follows a change of this flag while it runs (FlagSet::TakeConfig).
  bool dynamic() const { return dynamic_; }
  void MakeDynamic() { dynamic_ = true; }
  // What the configuration file says now, where a restart is needed for it to hold.
  struct Pending {
    std::string text;  // as Text would have it
    std::string origin;
    bool operator==(const Pending&) const = default;
  };
  const std::optional<Pending>& pending() const { return pending_; }
  void SetPending(std::optional<Pending> pending) { pending_ = std::move(pending); }

  // kInvalidArgument names the flag, the text and what would be right. A list grows with every Set
  // of one origin, and begins anew with another's.
  Result<> Set(std::string_view text, std::string_view origin);
  // What Text would be after Reset and that Set, with the same errors; changes nothing.
  Result<std::string> Try(std::string_view text, std::string_view origin) const;
  // Back to the default.
  void Reset();
  virtual std::string Text() const = 0;
  virtual std::string DefaultText() const = 0;
  // The value for everybody's eyes: a secret that is set shows as stars.
  std::string ShownText() const { return Shown(Text()); }
  std::string Shown(std::string text) const;
  // "int", "duration", "string", "bool", ...: what --help shows after the name.
  virtual std::string_view type() const = 0;
  virtual bool is_bool() const { return false; }
  virtual bool is_list() const { return false; }

 protected:
  virtual Result<> Parse(std::string_view text) = 0;
  virtual Result<std::string> Canonical(std::string_view text) const = 0;
  virtual void TakeDefault() = 0;
  // Empties a list; nothing else.
  virtual void Clear() {}

 private:
  Error Wrong(std::string_view text, std::string_view origin, const Error& why) const;

  std::string_view name_;
  std::string_view help_;
  Secrecy secrecy_;
  char letter_;
  bool dynamic_ = false;
  std::string origin_ = "default";
  std::optional<Pending> pending_;
};

Result<> ParseText(std::string_view text, bool& value);
Result<> ParseText(std::string_view text, int& value);
Result<> ParseText(std::string_view text, int64_t& value);
Result<> ParseText(std::string_view text, uint32_t& value);
Result<> ParseText(std::string_view text, double& value);
Result<> ParseText(std::string_view text, std::string& value);
// Go's form: "300ms", "1h5m", "0"; a plain number means seconds.
Result<> ParseText(std::string_view text, std::chrono::nanoseconds& value);
// Words between commas; each further occurrence of the flag adds.
Result<> ParseText(std::string_view text, std::vector<std::string>& value);

std::string FormatText(bool value);
std::string FormatText(int64_t value);
std::string FormatText(double value);
std::string FormatText(const std::string& value);
std::string FormatText(std::chrono::nanoseconds value);
std::string FormatText(const std::vector<std::string>& value);

template <class T>
constexpr std::string_view TypeOf();
template <>
constexpr std::string_view TypeOf<bool>() {
  return "";
}
template <>
constexpr std::string_view TypeOf<int>() {
  return "int";
}
template <>
constexpr std::string_view TypeOf<int64_t>() {
  return "int";
}
template <>
constexpr std::string_view TypeOf<uint32_t>() {
  return "uint32";
}
template <>
constexpr std::string_view TypeOf<double>() {
  return "float";
}
template <>
constexpr std::string_view TypeOf<std::string>() {
  return "string";
}
template <>
constexpr std::string_view TypeOf<std::chrono::nanoseconds>() {
  return "duration";
}
template <>
constexpr std::string_view TypeOf<std::vector<std::string>>() {
  return "strings";
}

// A setting with its name, default and help in one place. A library's flags are fields of a struct
// that its owner holds and registers with a FlagSet; tests set the fields. Name and help must be
// literals.
template <class T>
class Flag final : public FlagBase {
 public:
  Flag(std::string_view name, T value, std::string_view help, Secrecy secrecy = Secrecy::kOpen)
      : FlagBase(name, help, secrecy), value_(std::move(value)), default_(value_) {}
  // With a letter for its short form, which no other flag of the set may have, nor be h.
  Flag(std::string_view name, T value, std::string_view help, char letter)
      : FlagBase(name, help, Secrecy::kOpen, letter), value_(std::move(value)), default_(value_) {}
  Flag& operator=(T value) {
    value_ = std::move(value);
    return *this;
  }
  const T& get() const { return value_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }
  std::string Text() const override { return Format(value_); }
  std::string DefaultText() const override { return Format(default_); }
  std::string_view type() const override { return TypeOf<T>(); }
  bool is_bool() const override { return std::is_same_v<T, bool>; }
  bool is_list() const override { return std::is_same_v<T, std::vector<std::string>>; }

 private:
  static std::string Format(const T& value) {
    if constexpr (std::is_same_v<T, int> || std::is_same_v<T, uint32_t>)
      return FormatText(static_cast<int64_t>(value));
    else
      return FormatText(value);
  }
  Result<> Parse(std::string_view text) override { return ParseText(text, value_); }
  Result<std::string> Canonical(std::string_view text) const override {
    T value{};
    TRY_OK(ParseText(text, value));
    return Format(value);
  }
  void TakeDefault() override { value_ = default_; }
  void Clear() override {
    if constexpr (std::is_same_v<T, std::vector<std::string>>) value_.clear();
  }
  T value_;
  T default_;
};

struct ConfigFlags;

// What another text of the configuration file has done.
struct ConfigChange {
  std::vector<const FlagBase*> applied;    // have another value now
  std::vector<const FlagBase*> pending;    // will have another value after a restart; news only
  std::vector<const FlagBase*> withdrawn;  // were to have one, and are not any more
  bool empty() const { return applied.empty() && pending.empty() && withdrawn.empty(); }
};

// The flags of one program. Borrows them: the structs that hold them outlive it.
class FlagSet {
 public:
  // `summary`: one sentence; `usage`: what stands after the program's name.
  FlagSet(std::string program, std::string summary, std::string usage = "[flags]");
  ~FlagSet();
  FlagSet(const FlagSet&) = delete;
  FlagSet& operator=(const FlagSet&) = delete;

  // CHECKs that name and letter are new.
  void Add(FlagBase& flag);
  template <class... Flags>
  void Add(FlagBase& first, FlagBase& second, Flags&... rest) {
    Add(first);
    Add(second, rest...);
  }

  // Flags whose change the program follows: it reads them anew whenever TakeConfig applied one.
  template <class... Flags>
  void MakeDynamic(Flags&... flags) {
    (flags.MakeDynamic(), ...);
  }

  // Adds --config-file and its like: Parse then reads flags from a file too (config_file.h).
  void AddConfigFlags();

  // Takes `--name value`, `--name=value`, `-name`, dashes and underscores alike; a bool stands
  // alone or takes `=true/false`. Letters follow one dash: `-f`, `-j=false`, `-n 5`, and `-rf` for
  // bools. `--` ends the flags. What the command line does not give may come
  // from the environment as TESSERA_NAME_IN_CAPITALS, and then from the configuration file. Gives
  // what is no flag. An unknown flag is an error with the nearest name.
  Result<std::vector<std::string>> Parse(int argc, const char* const* argv);
  Result<std::vector<std::string>> Parse(const std::vector<std::string>& arguments);

  // What Parse found worth saying though it went on, for the log.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // The configuration file that was read; empty without one.
  const std::string& config_file() const { return config_file_; }

  // Takes over what the configuration file says by now (its text, as ReadConfigFile gives it):
  // dynamic flags have its values at once, others remember them (FlagBase::pending). A flag that
  // the file does not name any more goes back to its default; command line and environment stay
  // stronger. A text that was seen before changes nothing, nor does one that is wrong anywhere:
  // kInvalidArgument, with file and line. On the loop that reads the dynamic flags.
  Result<ConfigChange> TakeConfig(const std::string& text);
  // Why the last text was not taken over; empty when it was.
  const std::string& config_trouble() const { return config_trouble_; }
  const std::string& program() const { return program_; }
  // --help or -h stood on the command line.
  bool help_asked() const { return help_asked_; }
  std::string Help() const;
  const std::vector<FlagBase*>& flags() const { return flags_; }
  FlagBase* Find(std::string_view name) const;
  FlagBase* FindLetter(char letter) const;

 private:
  // A flag and its text, as the command line or a file has them.
  struct Given {
    FlagBase* flag;
    std::string text;
    std::string origin = {};  // of a file's
  };
  Result<std::vector<std::string>> ReadArguments(const std::vector<std::string>& arguments,
                                                 std::vector<Given>& given);
  // The flags that a word without its dashes means: one by its name, or several bools by letters.
  std::vector<FlagBase*> Meant(std::string_view word, bool one_dash) const;
  Result<> SetFromEnvironment(FlagBase& flag);
  Result<> ParseEnvironment();
  // config_file.cc
  Result<> ParseConfigFile(const std::vector<Given>& given);
  Result<> ApplyConfigFile(const std::string& path);
  Result<std::vector<Given>> ReadConfigText(const std::string& path, const std::string& text);
  Result<FlagBase*> FindConfigured(const std::string& key, const std::string& place) const;
  static void Follow(FlagBase& flag, const Given* given, ConfigChange& change);
  Result<ConfigChange> TakeNewConfig(const std::string& text);
  Error Unknown(std::string_view name) const;
  // Nothing when no name is near enough to be meant.
  const FlagBase* Nearest(std::string_view name) const;

  std::string program_;
  std::string summary_;
  std::string usage_;
  std::vector<FlagBase*> flags_;
  std::unique_ptr<ConfigFlags> config_;
  std::vector<std::string> warnings_;
  std::string config_file_;
  std::string config_text_;  // as last seen
  std::string config_trouble_;
  bool help_asked_ = false;
};

// How many single-letter changes turn one word into the other.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace tessera::flags
