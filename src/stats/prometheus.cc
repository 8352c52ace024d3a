// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <cmath>

#include <fmt/core.h>

#include "stats/family.h"

namespace tessera::stats {

namespace {

bool Upper(char c) { return c >= 'A' && c <= 'Z'; }
bool Lower(char c) { return c >= 'a' && c <= 'z'; }

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

// Names that are one word to people.
std::string MetricWords(std::string_view name) {
  return SnakeCase(Replaced(Replaced(std::string(name), "VSchema", "vschema"), "VtGate", "vtgate"));
}

// The prefix stands once, also before names that begin with it.
std::string MetricName(const Family& family, std::string_view program) {
  if (family.plain) return family.name;
  std::string name = MetricWords(family.name);
  const std::string prefix = std::string(program) + "_";
  return name.starts_with(prefix) ? name : prefix + name;
}

void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out.push_back(c);
    }
  }
}

std::string Number(double value) {
  if (std::floor(value) == value && std::abs(value) < 9e15)
    return std::to_string(static_cast<int64_t>(value));
  return fmt::format("{}", value);
}

// `bound` is the label "le" of a bucket.
void AppendLine(std::string& out, std::string_view name, const Family& family, const Sample& sample,
                std::string_view bound, std::string_view value) {
  out += name;
  std::string_view separator = "{";
  for (size_t i = 0; i < family.labels.size() && i < sample.labels.size(); ++i) {
    out += separator;
    out += MetricWords(family.labels[i]) + "=\"";
    AppendEscaped(out, sample.labels[i], true);
    out += "\"";
    separator = ",";
  }
  if (!bound.empty()) {
    out += fmt::format("{}le=\"{}\"", separator, bound);
    separator = ",";
  }
  if (separator == ",") out += "}";
  out += fmt::format(" {}\n", value);
}

void AppendTimings(std::string& out, const std::string& name, const Family& family,
                   const Sample& sample) {
  constexpr double kNanos = 1e9;
  uint64_t below = 0;
  for (size_t i = 0; i < Timings::kBounds.size(); ++i) {
    below += sample.timings.bucket(i);
    const std::string bound = fmt::format("{}", static_cast<double>(Timings::kBounds[i]) / kNanos);
    AppendLine(out, name + "_bucket", family, sample, bound, std::to_string(below));
  }
  const std::string count = std::to_string(sample.timings.count());
  AppendLine(out, name + "_bucket", family, sample, "+Inf", count);
  const double sum = static_cast<double>(sample.timings.total().count()) / kNanos;
  AppendLine(out, name + "_sum", family, sample, {}, Number(sum));
  AppendLine(out, name + "_count", family, sample, {}, count);
}

std::string_view TypeName(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return "counter";
    case Kind::kTimings:
      return "histogram";
    default:
      return "gauge";
  }
}

}  // namespace

std::string SnakeCase(std::string_view name) {
  std::string out;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool after_lower = i > 0 && Lower(name[i - 1]) && Upper(name[i]);
    const bool before_word =
        i > 0 && i + 1 < name.size() && Upper(name[i - 1]) && Upper(name[i]) && Lower(name[i + 1]);
    if (after_lower || before_word) out.push_back('_');
    const bool bad = name[i] == '.' || name[i] == '-';
    out.push_back(bad ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(name[i]))));
  }
  return out;
}

std::string ToPrometheus(const Families& families, std::string_view program) {
  std::string out;
  for (const Family& family : families) {
    // Rates are made of its counters by Prometheus itself.
    const bool told = family.kind != Kind::kText && family.kind != Kind::kRates;
    if (!told || family.samples.empty()) continue;
    const std::string name = MetricName(family, program);
    out += fmt::format("# HELP {} ", name);
    AppendEscaped(out, family.help, false);
    out += fmt::format("\n# TYPE {} {}\n", name, TypeName(family.kind));
    for (const Sample& sample : family.samples) {
      if (family.kind == Kind::kTimings) {
        AppendTimings(out, name, family, sample);
      } else {
        AppendLine(out, name, family, sample, {}, Number(sample.value));
      }
    }
  }
  return out;
}

}  // namespace tessera::stats
