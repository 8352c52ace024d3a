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

std::string Place(const std::string& path, size_t line) {
  return line == 0 ? path : fmt::format("{}:{}", path, line);
}

}  // namespace

Result<std::string> ReadConfigFile(const std::string& path) {
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

Result<FlagBase*> FlagSet::FindConfigured(const std::string& key, const std::string& place) const {
  if (FlagBase* const flag = Find(key)) return flag;
  Error error = Errorf(Code::kInvalidArgument, "{}: unknown flag '{}'", place, key);
  const FlagBase* const nearest = Nearest(key);
  if (nearest == nullptr)
    return std::move(error).WithHint(fmt::format("{} --help lists the flags", program_));
  return std::move(error).WithHint(fmt::format("Did you mean {}?", nearest->name()));
}

Result<std::vector<FlagSet::Given>> FlagSet::ReadConfigText(const std::string& path,
                                                            const std::string& text) {
  TRY(const ConfigType type, TypeOfFile(*config_, path));
  const Result<std::vector<ConfigEntry>> entries = ReadConfig(text, type);
  if (!entries.ok())
    return Errorf(Code::kInvalidArgument, "{}:{}", path, entries.error().message());
  std::map<const FlagBase*, size_t> seen;
  std::vector<Given> given;
  for (const ConfigEntry& entry : *entries) {
    const std::string place = Place(path, entry.line);
    TRY(FlagBase* const flag, FindConfigured(entry.key, place));
    const auto [at, fresh] = seen.emplace(flag, entry.line);
    if (!fresh)
      return Errorf(Code::kInvalidArgument, "{}: {} stands here a second time; first in line {}",
                    place, entry.key, at->second);
    if (entry.list && !flag->is_list())
      return Errorf(Code::kInvalidArgument, "{}: {} takes one value, not a list", place, entry.key);
    std::string value;
    for (const std::string& word : entry.values) value += (value.empty() ? "" : ",") + word;
    given.push_back({flag, std::move(value), "file " + place});
  }
  return given;
}

Result<> FlagSet::ApplyConfigFile(const std::string& path) {
  TRY(std::string text, ReadConfigFile(path));
  TRY(const std::vector<Given> given, ReadConfigText(path, text));
  for (const Given& one : given) TRY_OK(one.flag->Set(one.text, one.origin));
  config_file_ = path;
  config_text_ = std::move(text);
  return Ok{};
}

Result<ConfigChange> FlagSet::TakeConfig(const std::string& text) {
  if (text == config_text_) return ConfigChange();
  config_text_ = text;
  Result<ConfigChange> change = TakeNewConfig(text);
  config_trouble_ = change.ok() ? std::string() : change.error().ToString();
  return change;
}

Result<ConfigChange> FlagSet::TakeNewConfig(const std::string& text) {
  TRY(const std::vector<Given> given, ReadConfigText(config_file_, text));
  std::map<const FlagBase*, const Given*> wanted;
  for (const Given& one : given) {
    TRY_OK(one.flag->Try(one.text, one.origin));
    wanted[one.flag] = &one;
  }
  ConfigChange change;
  for (FlagBase* const flag : flags_) {
    if (flag->given() && !flag->origin().starts_with("file ")) continue;
    const auto found = wanted.find(flag);
    Follow(*flag, found == wanted.end() ? nullptr : found->second, change);
  }
  return change;
}

void FlagSet::Follow(FlagBase& flag, const Given* given, ConfigChange& change) {
  // Its value was tried before.
  const FlagBase::Pending next =
      given == nullptr ? FlagBase::Pending{flag.DefaultText(), "default"}
                       : FlagBase::Pending{*flag.Try(given->text, given->origin), given->origin};
  const bool same = next.text == flag.Text();
  if (!same && !flag.dynamic()) {
    const bool news = !flag.pending().has_value() || flag.pending()->text != next.text;
    flag.SetPending(next);
    if (news) change.pending.push_back(&flag);
    return;
  }
  if (flag.pending().has_value()) change.withdrawn.push_back(&flag);
  flag.SetPending(std::nullopt);
  // The same value may stand in another line by now.
  flag.Reset();
  if (given != nullptr) static_cast<void>(flag.Set(given->text, given->origin).ok());
  if (!same) change.applied.push_back(&flag);
}

}  // namespace tessera::flags
