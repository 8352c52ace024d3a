// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "flags/config_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

namespace tessera::flags {

namespace {

// Far more than all flags with their longest values.
constexpr size_t kMaxFileBytes = size_t{4} << 20;
constexpr std::string_view kExtensions[] = {"yaml", "yml", "json", "toml"};

bool IsFile(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

// The file that the flags describe, when it is there.
std::optional<std::string> FindConfigFile(const ConfigFlags& flags) {
  if (!flags.file->empty()) {
    if (IsFile(*flags.file)) return *flags.file;
    return std::nullopt;
  }
  for (const std::string& folder : *flags.path) {
    const std::string stem = (std::filesystem::path(folder) / *flags.name).string();
    for (const std::string_view extension : kExtensions) {
      const std::string path = fmt::format("{}.{}", stem, extension);
      if (IsFile(path)) return path;
    }
    if (!flags.type->empty() && IsFile(stem)) return stem;
  }
  return std::nullopt;
}

std::string DescribeSearch(const ConfigFlags& flags) {
  if (!flags.file->empty()) return fmt::format("no configuration file at {}", *flags.file);
  return fmt::format("no configuration file {}.yaml, .yml, .json or .toml in {}", *flags.name,
                     flags.path.Text());
}

Result<> CheckHandling(const std::string& handling) {
  for (const std::string_view known : {"ignore", "warn", "error", "exit"}) {
    if (handling == known) return Ok{};
  }
  return Errorf(Code::kInvalidArgument,
                "--config-file-not-found-handling: '{}' is not ignore, warn, error or exit",
                handling);
}

Result<ConfigType> TypeOfFile(const ConfigFlags& flags, const std::string& path) {
  std::string name = *flags.type;
  if (name.empty()) {
    name = std::filesystem::path(path).extension().string();
    if (!name.empty()) name.erase(0, 1);
  }
  if (const std::optional<ConfigType> type = ParseConfigType(name)) return *type;
  return Errorf(Code::kInvalidArgument, "{}: '{}' is no type of configuration files", path, name)
      .WithHint("Give --config-type yaml, json or toml");
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) text.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  if (!in || in.bad())
    return Errorf(Code::kInvalidArgument, "{}: the configuration file cannot be read", path);
  if (text.size() > kMaxFileBytes)
    return Errorf(Code::kInvalidArgument, "{}: a configuration file of {} bytes is too long", path,
                  text.size());
  return text;
}

std::string Place(const std::string& path, size_t line) {
  return line == 0 ? path : fmt::format("{}:{}", path, line);
}

}  // namespace

std::optional<ConfigType> ParseConfigType(std::string_view name) {
  if (name == "yaml" || name == "yml") return ConfigType::kYaml;
  if (name == "json") return ConfigType::kJson;
  if (name == "toml") return ConfigType::kToml;
  return std::nullopt;
}

void FlagSet::AddConfigFlags() {
  CHECK(config_ == nullptr);
  config_ = std::make_unique<ConfigFlags>();
  Add(config_->file, config_->path, config_->name, config_->type, config_->not_found);
}

Result<> FlagSet::ParseConfigFile(const std::vector<Given>& given) {
  const std::vector<FlagBase*> own = {&config_->file, &config_->path, &config_->name,
                                      &config_->type, &config_->not_found};
  for (FlagBase* flag : own) TRY_OK(SetFromEnvironment(*flag));
  for (const Given& one : given) {
    if (std::find(own.begin(), own.end(), one.flag) != own.end())
      TRY_OK(one.flag->Set(one.text, kCommandLine));
  }
  TRY_OK(CheckHandling(*config_->not_found));
  if (const std::optional<std::string> path = FindConfigFile(*config_))
    return ApplyConfigFile(*path);
  const std::string& handling = *config_->not_found;
  if (handling == "error" || handling == "exit")
    return Error(Code::kNotFound, DescribeSearch(*config_));
  const bool asked = config_->file.given() || config_->path.given() || config_->name.given();
  if (handling == "warn" && asked) warnings_.push_back(DescribeSearch(*config_));
  return Ok{};
}

Result<> FlagSet::ApplyConfigFile(const std::string& path) {
  TRY(const ConfigType type, TypeOfFile(*config_, path));
  TRY(const std::string text, ReadFile(path));
  const Result<std::vector<ConfigEntry>> entries = ReadConfig(text, type);
  if (!entries.ok())
    return Errorf(Code::kInvalidArgument, "{}:{}", path, entries.error().message());
  std::map<const FlagBase*, size_t> seen;
  for (const ConfigEntry& entry : *entries) {
    const std::string place = Place(path, entry.line);
    FlagBase* const flag = Find(entry.key);
    if (flag == nullptr) {
      Error error = Errorf(Code::kInvalidArgument, "{}: unknown flag '{}'", place, entry.key);
      const FlagBase* const nearest = Nearest(entry.key);
      if (nearest == nullptr)
        return std::move(error).WithHint(fmt::format("{} --help lists the flags", program_));
      return std::move(error).WithHint(fmt::format("Did you mean {}?", nearest->name()));
    }
    const auto [at, fresh] = seen.emplace(flag, entry.line);
    if (!fresh)
      return Errorf(Code::kInvalidArgument, "{}: {} stands here a second time; first in line {}",
                    place, entry.key, at->second);
    if (entry.list && !flag->is_list())
      return Errorf(Code::kInvalidArgument, "{}: {} takes one value, not a list", place, entry.key);
    std::string value;
    for (const std::string& word : entry.values) value += (value.empty() ? "" : ",") + word;
    TRY_OK(flag->Set(value, "file " + place));
  }
  config_file_ = path;
  return Ok{};
}

}  // namespace tessera::flags
