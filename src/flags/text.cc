// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "flags/flag_set.h"

namespace tessera::flags {

namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  int64_t nanos;
};
// Longest names first, so that "ms" is not read as "m".
constexpr Unit kUnits[] = {{"ns", 1},
                           {"us", 1'000},
                           {"ms", 1'000'000},
                           {"s", 1'000'000'000},
                           {"m", 60'000'000'000},
                           {"h", 3'600'000'000'000}};

template <class T>
Result<> ParseWhole(std::string_view text, T& value, const char* wanted) {
  T parsed{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size() || text.empty())
    return Error(Code::kInvalidArgument, wanted);
  value = parsed;
  return Ok{};
}

constexpr char kDurationWanted[] = "a duration such as 300ms, 30s or 1h5m";

}  // namespace

Result<> ParseText(std::string_view text, bool& value) {
  for (const std::string_view yes : {"true", "1", "t", "yes", "on"}) {
    if (text == yes) return value = true, Ok{};
  }
  for (const std::string_view no : {"false", "0", "f", "no", "off"}) {
    if (text == no) return value = false, Ok{};
  }
  return Error(Code::kInvalidArgument, "true or false");
}

Result<> ParseText(std::string_view text, int& value) {
  return ParseWhole(text, value, "a whole number");
}
Result<> ParseText(std::string_view text, int64_t& value) {
  return ParseWhole(text, value, "a whole number");
}
Result<> ParseText(std::string_view text, uint32_t& value) {
  return ParseWhole(text, value, "a whole number, not negative");
}
Result<> ParseText(std::string_view text, double& value) {
  return ParseWhole(text, value, "a number");
}
Result<> ParseText(std::string_view text, std::string& value) {
  value = text;
  return Ok{};
}

Result<> ParseText(std::string_view text, nanoseconds& value) {
  double total = 0;
  int64_t plain = 0;
  if (ParseText(text, plain).ok()) {
    value = std::chrono::seconds(plain);
    return Ok{};
  }
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return Error(Code::kInvalidArgument, kDurationWanted);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const Unit* unit = nullptr;
    for (const Unit& candidate : kUnits) {
      if (unit == nullptr && text.starts_with(candidate.name)) unit = &candidate;
    }
    if (unit == nullptr) return Error(Code::kInvalidArgument, kDurationWanted);
    text.remove_prefix(unit->name.size());
    total += number * static_cast<double>(unit->nanos);
  }
  if (total < 0 || total > 9e18) return Error(Code::kInvalidArgument, kDurationWanted);
  value = nanoseconds(static_cast<int64_t>(total));
  return Ok{};
}

Result<> ParseText(std::string_view text, std::vector<std::string>& value) {
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) value.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return Ok{};
}

std::string FormatText(bool value) { return value ? "true" : "false"; }
std::string FormatText(int64_t value) { return std::to_string(value); }
std::string FormatText(double value) { return fmt::format("{}", value); }
std::string FormatText(const std::string& value) { return value; }

std::string FormatText(nanoseconds value) {
  int64_t left = value.count();
  if (left == 0) return "0s";
  if (left % 1'000'000'000 != 0 && left < 1'000'000'000) {
    if (left % 1'000'000 == 0) return fmt::format("{}ms", left / 1'000'000);
    return fmt::format("{}ns", left);
  }
  std::string text;
  for (const Unit& unit : {kUnits[5], kUnits[4], kUnits[3], kUnits[2], kUnits[0]}) {
    if (left >= unit.nanos) text += fmt::format("{}{}", left / unit.nanos, unit.name);
    left %= unit.nanos;
  }
  return text;
}

std::string FormatText(const std::vector<std::string>& value) {
  std::string text;
  for (const std::string& word : value) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace tessera::flags
