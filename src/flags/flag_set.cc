// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "flags/flag_set.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <numeric>

#include "flags/config_file.h"

namespace tessera::flags {

namespace {

// Names compare with dashes for underscores.
std::string Normalized(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string EnvironmentName(std::string_view name) {
  std::string text = "TESSERA_";
  for (const char byte : name) {
    text.push_back(byte == '-' ? '_'
                               : static_cast<char>(std::toupper(static_cast<unsigned char>(byte))));
  }
  return text;
}

}  // namespace

Result<> FlagBase::Set(std::string_view text, std::string_view origin) {
  if (origin != origin_) Clear();
  const Result<> parsed = Parse(text);
  if (!parsed.ok()) return Wrong(text, origin, parsed.error());
  origin_ = origin;
  return Ok{};
}

Error FlagBase::Wrong(std::string_view text, std::string_view origin, const Error& why) const {
  return Errorf(Code::kInvalidArgument, "--{} (from {}): '{}' is not {}", name_, origin,
                secret() ? "..." : text, why.message());
}

Result<std::string> FlagBase::Try(std::string_view text, std::string_view origin) const {
  Result<std::string> canonical = Canonical(text);
  if (!canonical.ok()) return Wrong(text, origin, canonical.error());
  return canonical;
}

void FlagBase::Reset() {
  TakeDefault();
  origin_ = "default";
}

std::string FlagBase::Shown(std::string text) const {
  if (!secret() || text.empty()) return text;
  return "****";
}

FlagSet::FlagSet(std::string program, std::string summary, std::string usage)
    : program_(std::move(program)), summary_(std::move(summary)), usage_(std::move(usage)) {}

FlagSet::~FlagSet() = default;

void FlagSet::Add(FlagBase& flag) {
  CHECK(Find(flag.name()) == nullptr);
  CHECK(flag.letter() == '\0' || (flag.letter() != 'h' && FindLetter(flag.letter()) == nullptr));
  flags_.push_back(&flag);
}

FlagBase* FlagSet::Find(std::string_view name) const {
  const auto found = std::find_if(
      flags_.begin(), flags_.end(),
      [wanted = Normalized(name)](const FlagBase* flag) { return flag->name() == wanted; });
  return found == flags_.end() ? nullptr : *found;
}

FlagBase* FlagSet::FindLetter(char letter) const {
  const auto found = std::find_if(flags_.begin(), flags_.end(), [letter](const FlagBase* flag) {
    return flag->letter() == letter;
  });
  return found == flags_.end() ? nullptr : *found;
}

std::vector<FlagBase*> FlagSet::Meant(std::string_view word, bool one_dash) const {
  if (FlagBase* const flag = Find(word)) return {flag};
  std::vector<FlagBase*> meant;
  if (!one_dash) return meant;
  for (const char letter : word) {
    FlagBase* const flag = letter == '\0' ? nullptr : FindLetter(letter);
    if (flag == nullptr || (word.size() > 1 && !flag->is_bool())) return {};
    meant.push_back(flag);
  }
  return meant;
}

Result<> FlagSet::SetFromEnvironment(FlagBase& flag) {
  const std::string name = EnvironmentName(flag.name());
  if (const char* text = std::getenv(name.c_str())) return flag.Set(text, "environment " + name);
  return Ok{};
}

Result<> FlagSet::ParseEnvironment() {
  for (FlagBase* flag : flags_) TRY_OK(SetFromEnvironment(*flag));
  return Ok{};
}

Result<std::vector<std::string>> FlagSet::Parse(int argc, const char* const* argv) {
  return Parse(std::vector<std::string>(argv + std::min(argc, 1), argv + argc));
}

Result<std::vector<std::string>> FlagSet::Parse(const std::vector<std::string>& arguments) {
  std::vector<Given> given;
  TRY(std::vector<std::string> rest, ReadArguments(arguments, given));
  // From the weakest source to the strongest.
  if (config_ != nullptr && !help_asked_) TRY_OK(ParseConfigFile(given));
  TRY_OK(ParseEnvironment());
  for (const Given& one : given) TRY_OK(one.flag->Set(one.text, kCommandLine));
  return rest;
}

Result<std::vector<std::string>> FlagSet::ReadArguments(const std::vector<std::string>& arguments,
                                                        std::vector<Given>& given) {
  std::vector<std::string> rest;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string_view word = arguments[i];
    if (word == "--") {
      rest.insert(rest.end(), arguments.begin() + static_cast<ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      rest.emplace_back(word);
      continue;
    }
    const bool one_dash = !word.starts_with("--");
    word.remove_prefix(one_dash ? 1 : 2);
    if (word == "help" || word == "h") {
      help_asked_ = true;
      continue;
    }
    const size_t equals = word.find('=');
    const std::vector<FlagBase*> meant = Meant(word.substr(0, equals), one_dash);
    if (meant.empty()) return Unknown(word.substr(0, equals));
    std::string_view value = "true";
    if (equals != std::string_view::npos) {
      value = word.substr(equals + 1);
    } else if (!meant.front()->is_bool()) {
      if (++i == arguments.size())
        return Errorf(Code::kInvalidArgument, "--{} needs a value", meant.front()->name());
      value = arguments[i];
    }
    for (FlagBase* const flag : meant) given.push_back({flag, std::string(value), {}});
  }
  return rest;
}

const FlagBase* FlagSet::Nearest(std::string_view name) const {
  const std::string wanted = Normalized(name);
  const FlagBase* nearest = nullptr;
  size_t least = std::max<size_t>(3, wanted.size() / 3) + 1;
  for (const FlagBase* flag : flags_) {
    const size_t distance = EditDistance(wanted, flag->name());
    if (distance < least) {
      least = distance;
      nearest = flag;
    }
  }
  return nearest;
}

Error FlagSet::Unknown(std::string_view name) const {
  Error error = Errorf(Code::kInvalidArgument, "{}: unknown flag --{}", program_, name);
  if (const FlagBase* const nearest = Nearest(name))
    return std::move(error).WithHint(fmt::format("Did you mean --{}?", nearest->name()));
  return std::move(error).WithHint(fmt::format("{} --help lists the flags", program_));
}

std::string FlagSet::Help() const {
  std::string text =
      fmt::format("{}: {}\n\nUsage: {} {}\n\nFlags:\n", program_, summary_, program_, usage_);
  std::vector<FlagBase*> sorted = flags_;
  std::sort(sorted.begin(), sorted.end(),
            [](const FlagBase* a, const FlagBase* b) { return a->name() < b->name(); });
  for (const FlagBase* flag : sorted) {
    const std::string letter =
        flag->letter() == '\0' ? std::string() : fmt::format("-{}, ", flag->letter());
    text += fmt::format("  {}--{}{}{}\n      {}", letter, flag->name(),
                        flag->type().empty() ? "" : " ", flag->type(), flag->help());
    const std::string value = flag->secret() ? std::string() : flag->DefaultText();
    if (!value.empty() && value != "false") text += fmt::format(" (default {})", value);
    text += "\n";
  }
  return text;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
    }
  }
  return row.back();
}

}  // namespace tessera::flags
