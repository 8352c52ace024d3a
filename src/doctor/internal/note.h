// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "base/error.h"
#include "doctor/facts.h"
#include "doctor/findings.h"

// How checks write down what they find. Included by checks only.
namespace tessera::doctor {

// Findings of one check.
class Notes {
 public:
  Notes(std::string_view area, std::string_view check, Findings& out)
      : area_(area), check_(check), out_(out) {}

  void Ok(std::string subject, std::string sentence) {
    Add(std::move(subject), Verdict::kOk, std::move(sentence), "");
  }
  void Warn(std::string subject, std::string sentence, std::string fix) {
    Add(std::move(subject), Verdict::kWarn, std::move(sentence), std::move(fix));
  }
  void Fault(std::string subject, std::string sentence, std::string fix) {
    Add(std::move(subject), Verdict::kFault, std::move(sentence), std::move(fix));
  }
  // There was no time left to look at it.
  void Unasked(std::string subject) {
    Add(std::move(subject), Verdict::kUnknown, "there was no time left to ask it",
        "give the examination more time (--wait)");
  }
  // The process has no answer to the question `what`; that is no fault of its own.
  void Unknown(std::string subject, std::string_view what, const Error& error) {
    const bool unserved = error.code() == Code::kUnimplemented || error.code() == Code::kNotFound;
    Add(std::move(subject), Verdict::kUnknown,
        fmt::format("cannot be asked for {} ({}): {}", what, CodeName(error.code()),
                    error.message()),
        unserved ? "its program does not serve this question: another version does" : "");
  }

 private:
  void Add(std::string subject, Verdict verdict, std::string sentence, std::string fix) {
    Finding& finding = out_.emplace_back();
    finding.area = area_;
    finding.check = check_;
    finding.subject = std::move(subject);
    finding.verdict = verdict;
    finding.sentence = std::move(sentence);
    finding.fix = std::move(fix);
  }

  std::string_view area_;
  std::string_view check_;
  Findings& out_;
};

inline std::string ShardName(const topo::Tablet& record) {
  return record.keyspace + "/" + record.shard;
}

// Left in good order, or a record that never got a host.
inline bool IsShutDown(const topo::Tablet& record) {
  return record.tablet_shutdown_time != 0 || record.hostname.empty();
}

inline double Milliseconds(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace tessera::doctor
