// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tessera::flags {

// One flag of a program, whatever its type.
class FlagBase {
 public:
  FlagBase(std::string_view name, std::string_view help) : name_(name), help_(help) {}
  virtual ~FlagBase() = default;

  // Vitess's spelling with dashes, without leading ones.
  std::string_view name() const { return name_; }
  std::string_view help() const { return help_; }
  // Where the value came from: "default", "command line", "environment", or a file.
  const std::string& origin() const { return origin_; }
  bool given() const { return origin_ != "default"; }

  // kInvalidArgument names the flag, the text and what would be right.
  Result<> Set(std::string_view text, std::string_view origin);
  virtual std::string Text() const = 0;
  // "int", "duration", "string", "bool", ...: what --help shows after the name.
  virtual std::string_view type() const = 0;
  virtual bool is_bool() const { return false; }

 protected:
  virtual Result<> Parse(std::string_view text) = 0;

 private:
  std::string_view name_;
  std::string_view help_;
  std::string origin_ = "default";
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
  Flag(std::string_view name, T value, std::string_view help)
      : FlagBase(name, help), value_(std::move(value)) {}
  Flag& operator=(T value) {
    value_ = std::move(value);
    return *this;
  }
  const T& get() const { return value_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }
  std::string Text() const override {
    if constexpr (std::is_same_v<T, int> || std::is_same_v<T, uint32_t>)
      return FormatText(static_cast<int64_t>(value_));
    else
      return FormatText(value_);
  }
  std::string_view type() const override { return TypeOf<T>(); }
  bool is_bool() const override { return std::is_same_v<T, bool>; }

 private:
  Result<> Parse(std::string_view text) override { return ParseText(text, value_); }
  T value_;
};

// The flags of one program. Borrows them: the structs that hold them outlive it.
class FlagSet {
 public:
  // `summary`: one sentence; `usage`: what stands after the program's name.
  FlagSet(std::string program, std::string summary, std::string usage = "[flags]");

  // CHECKs that the name is new.
  void Add(FlagBase& flag);
  template <class... Flags>
  void Add(FlagBase& first, FlagBase& second, Flags&... rest) {
    Add(first);
    Add(second, rest...);
  }

  // Takes `--name value`, `--name=value`, `-name`, dashes and underscores alike; a bool stands
  // alone or takes
  // `=true/false`. `--` ends the flags. Before the command line, each flag may come from the
  // environment as TESSERA_NAME_IN_CAPITALS. Gives what is no flag. An unknown flag is an error
  // with the nearest name.
  Result<std::vector<std::string>> Parse(int argc, const char* const* argv);
  Result<std::vector<std::string>> Parse(const std::vector<std::string>& arguments);

  // --help or -h stood on the command line.
  bool help_asked() const { return help_asked_; }
  std::string Help() const;
  const std::vector<FlagBase*>& flags() const { return flags_; }
  FlagBase* Find(std::string_view name) const;

 private:
  Result<> ParseEnvironment();
  Error Unknown(std::string_view name) const;

  std::string program_;
  std::string summary_;
  std::string usage_;
  std::vector<FlagBase*> flags_;
  bool help_asked_ = false;
};

// How many single-letter changes turn one word into the other.
size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace tessera::flags
