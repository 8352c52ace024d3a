// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/report.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace tessera::doctor {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kUnknown:
      return "unknown";
    case Verdict::kWarn:
      return "warn";
    case Verdict::kFault:
      return "fault";
  }
  return "";
}

namespace {

constexpr size_t kVerdictWidth = 7;  // "unknown"
constexpr size_t kMostSubjects = 4;

// Findings of one check.
using Same = std::vector<const Finding*>;

size_t Count(const Findings& findings, Verdict verdict) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [verdict](const Finding& finding) { return finding.verdict == verdict; }));
}

// Green, yellow or red; what is unknown is grey.
std::string Painted(Verdict verdict, const ReportStyle& style) {
  const std::string word = fmt::format("{:<{}}", VerdictName(verdict), kVerdictWidth);
  if (!style.colour) return word;
  static constexpr int kColours[] = {32, 90, 33, 31};
  return fmt::format("\x1b[{}m{}\x1b[0m", kColours[static_cast<size_t>(verdict)], word);
}

// Texts of servers may hold anything; a terminal is not to act on it.
std::string OneLine(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 32 || c == 127 ? ' ' : c;
  return out;
}

void AppendLine(Verdict verdict, const std::string& what, size_t width, std::string_view sentence,
                const ReportStyle& style, std::string& out) {
  out += fmt::format("  {}  {:<{}}  {}\n", Painted(verdict, style), what, width, OneLine(sentence));
}

// What is well, a line a check: its only sentence, or how many there are.
void AppendWell(const Same& findings, const std::string& check, size_t width,
                const ReportStyle& style, std::string& out) {
  Same well;
  for (const Finding* const finding : findings)
    if (finding->verdict == Verdict::kOk) well.push_back(finding);
  if (well.empty()) return;
  const Finding& first = *well.front();
  const std::string sentence =
      findings.size() == 1             ? fmt::format("{}: {}", first.subject, first.sentence)
      : well.size() == findings.size() ? fmt::format("all {}", well.size())
                                       : fmt::format("{} of {}", well.size(), findings.size());
  AppendLine(Verdict::kOk, check, width, sentence, style, out);
}

// "tablet a, tablet b and 7 more"
std::string Subjects(const Same& findings) {
  std::string out = findings.front()->subject;
  const size_t shown = std::min(findings.size(), kMostSubjects);
  for (size_t i = 1; i < shown; ++i) out += ", " + findings[i]->subject;
  if (findings.size() > shown) out += fmt::format(" and {} more", findings.size() - shown);
  return out;
}

// Findings that say the same of several subjects, once.
void AppendSame(const Same& same, const std::string& check, size_t width, const ReportStyle& style,
                std::string& out) {
  const Finding& first = *same.front();
  AppendLine(first.verdict, check, width, fmt::format("{}: {}", Subjects(same), first.sentence),
             style, out);
  if (first.fix.empty()) return;
  out += fmt::format("  {:<{}}  {:<{}}  -> {}\n", "", kVerdictWidth, "", width, OneLine(first.fix));
}

void AppendCheck(const Same& findings, const std::string& check, size_t width,
                 const ReportStyle& style, std::string& out) {
  if (!style.verbose) AppendWell(findings, check, width, style, out);
  std::vector<Same> groups;
  for (const Finding* const finding : findings) {
    if (finding->verdict == Verdict::kOk && !style.verbose) continue;
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Same& same) {
      return !style.verbose && same.front()->verdict == finding->verdict &&
             same.front()->sentence == finding->sentence && same.front()->fix == finding->fix;
    });
    if (group == groups.end()) {
      groups.push_back(Same(1, finding));
    } else {
      group->push_back(finding);
    }
  }
  for (const Same& same : groups) AppendSame(same, check, width, style, out);
}

void AppendArea(const Findings& findings, std::string_view area, size_t width,
                const ReportStyle& style, std::string& out) {
  std::vector<std::string> order;
  std::map<std::string, Same> checks;
  for (const Finding& finding : findings) {
    if (finding.area != area) continue;
    Same& same = checks[finding.check];
    if (same.empty()) order.push_back(finding.check);
    same.push_back(&finding);
  }
  if (order.empty()) return;
  out += fmt::format("{}\n", area);
  for (const std::string& check : order) AppendCheck(checks[check], check, width, style, out);
}

std::string Counted(size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string Summary(const Findings& findings) {
  const size_t unknown = Count(findings, Verdict::kUnknown);
  std::string out =
      fmt::format("{}, {}, {} well", Counted(Count(findings, Verdict::kFault), "fault", "faults"),
                  Counted(Count(findings, Verdict::kWarn), "warning", "warnings"),
                  Count(findings, Verdict::kOk));
  if (unknown != 0) out += fmt::format(", {} could not be looked at", unknown);
  return out + "\n";
}

}  // namespace

std::string ReportText(const Findings& findings, const ReportStyle& style) {
  size_t width = 0;
  for (const Finding& finding : findings) width = std::max(width, finding.check.size());
  std::string out;
  for (const std::string_view area : kAreas) AppendArea(findings, area, width, style, out);
  return out + "\n" + Summary(findings);
}

std::string ReportJson(const Findings& findings) {
  nlohmann::ordered_json out = {{"faults", Count(findings, Verdict::kFault)},
                                {"warnings", Count(findings, Verdict::kWarn)},
                                {"unknown", Count(findings, Verdict::kUnknown)},
                                {"ok", Count(findings, Verdict::kOk)},
                                {"findings", nlohmann::ordered_json::array()}};
  for (const Finding& finding : findings)
    out["findings"].push_back({{"area", finding.area},
                               {"check", finding.check},
                               {"subject", finding.subject},
                               {"verdict", VerdictName(finding.verdict)},
                               {"sentence", finding.sentence},
                               {"fix", finding.fix}});
  return out.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<Findings> OfAreas(Findings findings, const std::vector<std::string>& areas) {
  std::string known;
  for (const std::string_view area : kAreas)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", area);
  for (const std::string& area : areas)
    if (std::find(std::begin(kAreas), std::end(kAreas), area) == std::end(kAreas))
      return Errorf(Code::kInvalidArgument, "there is no area '{}'", area)
          .WithHint("The areas are " + known);
  if (areas.empty()) return findings;
  std::erase_if(findings, [&areas](const Finding& finding) {
    return std::find(areas.begin(), areas.end(), finding.area) == areas.end();
  });
  return findings;
}

int StatusOf(const Findings& findings) { return Count(findings, Verdict::kFault) == 0 ? 0 : 1; }

}  // namespace tessera::doctor
