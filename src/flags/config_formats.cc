// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Reads the three formats of configuration files into the same entries.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>

// toml++ 3.3 asserts, and in release builds assumes, what wrong texts break. Here that is an error
// in every build.
#undef NDEBUG
#define TOML_ASSERT(expr) (static_cast<bool>(expr) ? void() : throw std::logic_error(#expr))
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#include <nlohmann/json.hpp>
#include <toml++/toml.h>
#include <yaml-cpp/yaml.h>

#include "flags/config_file.h"

namespace tessera::flags {

namespace {

using Entries = std::vector<ConfigEntry>;

constexpr std::string_view kWantsMap = "a configuration is a map from names of flags to values";

Error At(size_t line, std::string_view what) {
  return Errorf(Code::kInvalidArgument, "{}: {}", line, what);
}

Error NotScalar(size_t line, std::string_view key) {
  return At(line, fmt::format("{} takes a value or a list of values", key));
}

// ---- YAML ----

size_t LineOf(const YAML::Mark& mark) { return static_cast<size_t>(std::max(0, mark.line)) + 1; }

Result<ConfigEntry> ReadYamlEntry(const YAML::Node& key, const YAML::Node& value) {
  ConfigEntry entry;
  entry.line = LineOf(key.Mark());
  if (!key.IsScalar()) return At(entry.line, kWantsMap);
  entry.key = key.Scalar();
  if (value.IsScalar()) {
    entry.values.push_back(value.Scalar());
    return entry;
  }
  if (!value.IsSequence()) return NotScalar(entry.line, entry.key);
  entry.list = true;
  for (const YAML::Node& item : value) {
    if (!item.IsScalar()) return NotScalar(entry.line, entry.key);
    entry.values.push_back(item.Scalar());
  }
  return entry;
}

Result<Entries> ReadYaml(std::string_view text) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    Entries entries;
    if (root.IsNull()) return entries;
    if (!root.IsMap()) return At(LineOf(root.Mark()), kWantsMap);
    for (const auto& pair : root) {
      TRY(ConfigEntry entry, ReadYamlEntry(pair.first, pair.second));
      entries.push_back(std::move(entry));
    }
    return entries;
  } catch (const YAML::Exception& error) {
    return At(LineOf(error.mark), error.msg);
  }
}

// ---- JSON ----

// Counts the lines that the parser has read.
class LineCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCounter(const char* at, size_t* line) : at_(at), line_(line) {}
  reference operator*() const { return *at_; }
  LineCounter& operator++() {
    if (*at_ == '\n') ++*line_;
    ++at_;
    return *this;
  }
  bool operator==(const LineCounter& other) const { return at_ == other.at_; }
  bool operator!=(const LineCounter& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  size_t* line_;
};

class JsonReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonReader(const size_t& line) : line_(line) {}

  bool null() override { return Refuse(); }
  bool boolean(bool value) override { return Take(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Take(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Take(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return Take(text); }
  bool string(string_t& value) override { return Take(value); }
  bool binary(binary_t&) override { return Refuse(); }
  bool start_object(size_t) override { return std::exchange(in_map_, true) ? Refuse() : true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override {
    if (entries.empty() || in_list_) return Refuse();
    entries.back().list = in_list_ = true;
    return true;
  }
  bool end_array() override {
    in_list_ = false;
    return true;
  }
  bool key(string_t& name) override {
    ConfigEntry& entry = entries.emplace_back();
    entry.key = name;
    entry.line = line_;
    return true;
  }
  bool parse_error(size_t, const std::string& token, const nlohmann::json::exception&) override {
    error = At(line_, fmt::format("this is no JSON, near '{}'", token));
    return false;
  }

  Entries entries;
  std::optional<Error> error;

 private:
  bool Take(std::string text) {
    if (entries.empty()) return Refuse();
    entries.back().values.push_back(std::move(text));
    return true;
  }
  bool Refuse() {
    error = entries.empty() ? At(line_, kWantsMap) : NotScalar(line_, entries.back().key);
    return false;
  }

  const size_t& line_;
  bool in_map_ = false;
  bool in_list_ = false;
};

Result<Entries> ReadJson(std::string_view text) {
  size_t line = 1;
  JsonReader reader(line);
  const LineCounter begin(text.data(), &line);
  const LineCounter end(text.data() + text.size(), &line);
  if (!nlohmann::json::sax_parse(begin, end, &reader)) {
    if (reader.error) return *reader.error;
    return At(line, "this is no JSON");
  }
  return std::move(reader.entries);
}

// ---- TOML ----

std::optional<std::string> TomlScalar(const toml::node& node) {
  if (const auto* const text = node.as_string()) return text->get();
  if (const auto* const number = node.as_integer()) return std::to_string(number->get());
  if (const auto* const number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* const flag = node.as_boolean())
    return std::string(flag->get() ? "true" : "false");
  return std::nullopt;
}

Result<ConfigEntry> ReadTomlEntry(const toml::key& key, const toml::node& node) {
  ConfigEntry entry;
  entry.key = key.str();
  entry.line = key.source().begin.line;
  if (std::optional<std::string> scalar = TomlScalar(node)) {
    entry.values.push_back(*std::move(scalar));
    return entry;
  }
  const toml::array* const list = node.as_array();
  if (list == nullptr) return NotScalar(entry.line, entry.key);
  entry.list = true;
  for (const toml::node& item : *list) {
    std::optional<std::string> scalar = TomlScalar(item);
    if (!scalar) return NotScalar(entry.line, entry.key);
    entry.values.push_back(*std::move(scalar));
  }
  return entry;
}

// Refuses what toml++ 3.3 does not stand and a configuration can do without: letters beyond ASCII
// (undefined behaviour in is_non_ascii_horizontal_whitespace) but in lines that are comments, and
// tables (assertions about their names).
Result<> CheckToml(std::string_view text) {
  size_t line = 0;
  while (!text.empty()) {
    ++line;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view here = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t first = here.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || here[first] == '#') continue;
    if (here[first] == '[' || here.find('{') < here.find_first_of("\"'#"))
      return At(line, "a configuration has no tables, only values and lists of values");
    if (std::any_of(here.begin(), here.end(), [](char c) { return (c & 0x80) != 0; }))
      return At(line, "write letters beyond ASCII as \\uXXXX, in a string");
  }
  return Ok{};
}

Result<Entries> ReadToml(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  TRY_OK(CheckToml(text));
  try {
    const toml::table root = toml::parse(text);
    Entries entries;
    for (const auto& [key, node] : root) {
      TRY(ConfigEntry entry, ReadTomlEntry(key, node));
      entries.push_back(std::move(entry));
    }
    return entries;
  } catch (const toml::parse_error& error) {
    return At(error.source().begin.line, std::string(error.description()));
  } catch (const std::logic_error&) {
    return At(1, "this is no TOML");
  }
}

}  // namespace

Result<std::vector<ConfigEntry>> ReadConfig(std::string_view text, ConfigType type) {
  switch (type) {
    case ConfigType::kYaml:
      return ReadYaml(text);
    case ConfigType::kJson:
      return ReadJson(text);
    case ConfigType::kToml:
      return ReadToml(text);
  }
  return Error(Code::kInternal, "a configuration of no known type");
}

}  // namespace tessera::flags
