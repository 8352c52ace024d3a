// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctl/dry_run.h"

#include <algorithm>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>

#include "proto/tabletmanagerdata.pb.h"
#include "vtctl/effects.h"
#include "vtctl/record_text.h"

namespace tessera::vtctl {

namespace {

using Lines = std::vector<std::string_view>;

Lines SplitLines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void Append(std::string_view mark, const Lines& lines, size_t begin, size_t end, std::string& out) {
  for (size_t i = begin; i < end; ++i) out += fmt::format("\n  {} {}", mark, lines[i]);
}

// The lines between those that both begin and end with.
void AppendChange(std::string_view before, std::string_view after, std::string& out) {
  const Lines old = SplitLines(before);
  const Lines now = SplitLines(after);
  const size_t shorter = std::min(old.size(), now.size());
  size_t first = 0;
  while (first < shorter && old[first] == now[first]) ++first;
  size_t last = 0;
  while (last < shorter - first && old[old.size() - 1 - last] == now[now.size() - 1 - last]) ++last;
  Append("-", old, first, old.size() - last, out);
  Append("+", now, first, now.size() - last, out);
}

// What cannot be read, or is no text, is told by its size.
std::string Words(const std::string& path, const std::string& contents) {
  const Result<std::string> text = RecordText(path, contents, false);
  if (!text.ok()) return fmt::format("({} bytes that cannot be read)", contents.size());
  const auto unprintable = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte >= 0x7f;
  };
  if (std::any_of(text->begin(), text->end(), unprintable))
    return fmt::format("({} bytes)", contents.size());
  return *text;
}

std::string Describe(const topo::PlannedWrite& write) {
  const std::string path = fmt::format("/{}/{}", write.cell, write.path);
  const std::string before = write.before ? Words(path, *write.before) : "";
  const std::string after = write.after ? Words(path, *write.after) : "";
  std::string_view what = "change";
  if (!write.before) what = "create";
  if (!write.after) what = "delete";
  if (write.before && write.after && *write.before == *write.after)
    return fmt::format("write {}, as it is", path);
  std::string text = fmt::format("{} {}", what, path);
  AppendChange(before, after, text);
  return text;
}

// A tablet's request in words.
std::string DescribeRequest(std::string_view method, std::string_view bytes) {
  const std::string name = fmt::format("tabletmanagerdata.{}Request", method);
  const google::protobuf::Descriptor* const descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (descriptor == nullptr) return fmt::format("({} bytes)", bytes.size());
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  std::string text;
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    google::protobuf::TextFormat::PrintToString(*message, &text);
  return text;
}

std::string Describe(const topo::Tablet& tablet, std::string_view method, std::string_view bytes) {
  std::string text = fmt::format("ask tablet {} to {}", tablet.alias.ToString(), method);
  const std::string request = DescribeRequest(method, bytes);
  const Lines lines = SplitLines(request);
  Append(" ", lines, 0, lines.size(), text);
  return text;
}

}  // namespace

DryRun::DryRun(const Control& real, Hear hear)
    : hear_(std::move(hear)),
      topo_(real.topo, [this](const topo::PlannedWrite& write) { hear_(Describe(write)); }),
      tablets_(
          real.tablets.options(),
          [this](const topo::Tablet& tablet, std::string_view method, std::string_view request) {
            if (TabletChangesNothing(method)) return false;
            hear_(Describe(tablet, method, request));
            return true;
          }),
      control_{topo_.server(), tablets_, real.tablet_timeout, real.progress, true} {}

}  // namespace tessera::vtctl
