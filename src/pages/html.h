// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::pages {

// Text made harmless within HTML and its attributes.
std::string Escape(std::string_view text);

// Parts of a page. Texts given are escaped; what is given as Html is not.
class Html {
 public:
  using Row = std::vector<std::string>;

  Html& Heading(std::string_view text);
  Html& Paragraph(std::string_view text);
  Html& Link(std::string_view href, std::string_view text);
  // A table with a heading row. Cells that are numbers align to the right; "" for `empty` leaves an
  // empty table out, else the text stands in its place.
  Html& Table(const Row& head, const std::vector<Row>& rows, std::string_view empty = {});
  // Names and their values, two columns.
  Html& Facts(const std::vector<std::pair<std::string, std::string>>& facts);
  Html& Code(std::string_view text);
  Html& Append(const Html& other);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A whole document.
std::string Document(std::string_view title, const Html& body);

}  // namespace tessera::pages
