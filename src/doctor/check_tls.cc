// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Certificates that tablets show: when they end, and why a client refused them.
#include <ctime>

#include "doctor/checks.h"
#include "doctor/internal/note.h"

namespace tessera::doctor {

using runtime::TlsCertificate;

namespace {

constexpr int64_t kDay = 24 * 3600;
constexpr int64_t kSoon = 14 * kDay;

std::string DayOf(int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
  return std::string(text, size);
}

// Tells what is wrong with the dates of one certificate. False when nothing is.
bool NoteDates(const std::string& subject, const TlsCertificate& one, int64_t now, Notes& notes) {
  if (now < one.not_before) {
    notes.Fault(subject,
                fmt::format("the certificate of {} is valid only from {}", one.subject,
                            DayOf(one.not_before)),
                "set the clocks right, or issue another certificate");
  } else if (now >= one.not_after) {
    notes.Fault(
        subject,
        fmt::format("the certificate of {} expired on {}", one.subject, DayOf(one.not_after)),
        "renew it and start the process again with the new file (--grpc-cert)");
  } else if (one.not_after - now < kSoon) {
    notes.Warn(subject,
               fmt::format("the certificate of {} expires in {} days, on {}", one.subject,
                           (one.not_after - now) / kDay, DayOf(one.not_after)),
               "renew it before, and start the process again with the new file (--grpc-cert)");
  } else {
    return false;
  }
  return true;
}

void CheckTablet(const TabletFacts& tablet, int64_t now, Findings& out) {
  Notes notes("tls", "certificate", out);
  if (tablet.grpc.chain.empty()) return;
  bool told = false;
  for (const TlsCertificate& one : tablet.grpc.chain)
    told |= NoteDates(tablet.process.name, one, now, notes);
  if (told) return;
  if (tablet.grpc.failed == reach::Step::kTls) {
    std::string names;
    for (const std::string& name : tablet.grpc.names) names += (names.empty() ? "" : ", ") + name;
    notes.Fault(tablet.process.name,
                fmt::format("TLS with it fails: {} (its certificate is of {}, issued by {}, for "
                            "the names [{}])",
                            tablet.grpc.error, tablet.grpc.chain.front().subject,
                            tablet.grpc.chain.front().issuer, names),
                "trust its authority (--tablet-grpc-ca), use a name it is for (vttablet "
                "--tablet-hostname, or --tablet-grpc-server-name), or issue another");
    return;
  }
  notes.Ok(tablet.process.name, "valid until " + DayOf(tablet.grpc.chain.front().not_after));
}

}  // namespace

void CheckTls(const Facts& facts, Findings& out) {
  for (const TabletFacts& tablet : facts.tablets) CheckTablet(tablet, facts.now_unix, out);
}

}  // namespace tessera::doctor
