// Text made safe for HTML that is also well-formed XML: whatever a name holds, it stays text.
#pragma once

#include <string>
#include <string_view>

namespace koku::page {

/// Text for an element or a quoted attribute. `& < > " '` become references; control characters become their visible
/// pictures (U+2400 and on), what XML does not allow becomes U+FFFD. The text must be valid UTF-8.
std::string escape_html(std::string_view text);

/// The text, or `(blank)` for one that nobody would see: of spaces and characters without a width.
std::string_view visible_name(std::string_view name);

/// The same as escape_html() in an element that keeps its direction to itself, so that a name in another script moves
/// nothing beside it.
std::string name_html(std::string_view name);

/// At most `most` characters of a name, the rest as one ellipsis.
std::string shortened(std::string_view name, std::size_t most);

/// Builds a page: markup as it is, text escaped.
class HtmlWriter {
 public:
  HtmlWriter& markup(std::string_view markup) {
    out_ += markup;
    return *this;
  }
  HtmlWriter& text(std::string_view text) { return markup(escape_html(text)); }
  HtmlWriter& name(std::string_view name) { return markup(name_html(name)); }
  std::string take() { return std::move(out_); }
  std::size_t size() const noexcept { return out_.size(); }

 private:
  std::string out_;
};

}  // namespace koku::page
