// Texts that look like an injection attempt (spec ingest.md 3.5). One pass over the text, whatever stands in it.
//
// A word is a run of letters, digits, `_`, `-` and `.`, so that a pod named `select-from-db` is one word and no
// keyword. Reported, in any case, with white space allowed between the parts:
//   a quote, then OR, AND, UNION, SELECT, INSERT, UPDATE, DELETE, DROP, `;` or `--`
//   `;`, then SELECT, INSERT, UPDATE, DELETE or DROP
//   UNION SELECT, UNION ALL SELECT, INSERT INTO, DELETE FROM, DROP TABLE, DROP DATABASE, DROP INDEX
//   SELECT and later FROM, UPDATE and later SET
//   `--` or `#` at the end, `/*` and later `*/`
//   `<script` and later `>`, `</script>`, `<iframe`, `<object`, `<embed`, `<svg` and later onload
//   javascript:  data:text/html  expression(  and a word that begins with `on` before `=`
#include <algorithm>
#include <array>
#include <climits>

#include "core/base/ascii.hpp"
#include "core/base/utf8.hpp"
#include "core/report/convert.hpp"

namespace koku {
namespace {

enum class Keyword {
  none,
  or_,
  and_,
  union_,
  all,
  select,
  insert,
  into,
  update,
  set,
  delete_,
  from,
  drop,
  table,
  database,
  index,
  onload,
  javascript,
  data,
  expression,
  event_handler  // begins with `on`
};

struct KnownWord {
  std::string_view text;
  Keyword keyword;
};

constexpr KnownWord known_words[] = {
    {"or", Keyword::or_},
    {"and", Keyword::and_},
    {"union", Keyword::union_},
    {"all", Keyword::all},
    {"select", Keyword::select},
    {"insert", Keyword::insert},
    {"into", Keyword::into},
    {"update", Keyword::update},
    {"set", Keyword::set},
    {"delete", Keyword::delete_},
    {"from", Keyword::from},
    {"drop", Keyword::drop},
    {"table", Keyword::table},
    {"database", Keyword::database},
    {"index", Keyword::index},
    {"onload", Keyword::onload},
    {"javascript", Keyword::javascript},
    {"data", Keyword::data},
    {"expression", Keyword::expression},
};

constexpr std::size_t longest_known_word =
    std::ranges::max(known_words, {}, [](const KnownWord& known) { return known.text.size(); }).text.size();

Keyword keyword_of(std::string_view word) {
  const bool is_event_handler = word.size() > 2 && starts_with_ignoring_case(word, "on");
  if (word.size() <= longest_known_word) {
    for (const KnownWord& known : known_words)
      if (equals_ignoring_case(word, known.text)) return known.keyword;
  }
  return is_event_handler ? Keyword::event_handler : Keyword::none;
}
constexpr bool begins_statement(Keyword keyword) {
  return keyword == Keyword::select || keyword == Keyword::insert || keyword == Keyword::update ||
         keyword == Keyword::delete_ || keyword == Keyword::drop;
}

constexpr bool follows_quote(Keyword keyword) {
  return begins_statement(keyword) || keyword == Keyword::or_ || keyword == Keyword::and_ || keyword == Keyword::union_;
}

constexpr bool is_statement(Keyword first, Keyword second) {
  switch (first) {
    case Keyword::union_:
      return second == Keyword::select;
    case Keyword::insert:
      return second == Keyword::into;
    case Keyword::delete_:
      return second == Keyword::from;
    case Keyword::drop:
      return second == Keyword::table || second == Keyword::database || second == Keyword::index;
    default:
      return false;
  }
}

constexpr auto word_characters = [] {
  std::array<bool, UCHAR_MAX + 1> table{};
  for (std::size_t byte = 0; byte < table.size(); ++byte) {
    const char c = static_cast<char>(byte);
    table[byte] = is_alphanumeric(c) || c == '_' || c == '-' || c == '.';
  }
  return table;
}();

bool is_word_character(char c) { return word_characters[static_cast<unsigned char>(c)]; }

class AttemptFinder {
 public:
  explicit AttemptFinder(std::string_view text) : rest_(text) {}

  bool finds_one() {
    if (ends_in_comment()) return true;
    while (!rest_.empty()) {
      if (is_white_space(rest_.front())) {
        rest_.remove_prefix(1);
      } else if (is_word_character(rest_.front())) {
        if (take_word()) return true;
      } else if (take_symbol()) {
        return true;
      }
    }
    return false;
  }

 private:
  bool ends_in_comment() const {
    const std::string_view text = without_white_space_around(rest_);
    return text.ends_with("--") || text.ends_with('#');
  }

  bool take_word() {
    if (last_symbol_is_quote_ && rest_.starts_with("--")) return true;
    const std::string_view word(rest_.begin(), std::find_if_not(rest_.begin(), rest_.end(), is_word_character));
    rest_.remove_prefix(word.size());
    const Keyword keyword = keyword_of(word);
    if (last_symbol_is_quote_ && follows_quote(keyword)) return true;
    if (last_symbol_is_semicolon_ && begins_statement(keyword)) return true;
    if (is_statement(last_word_, keyword)) return true;
    if (select_seen_ && keyword == Keyword::from) return true;
    if (update_seen_ && keyword == Keyword::set) return true;
    if (svg_seen_ && keyword == Keyword::onload) return true;
    select_seen_ |= keyword == Keyword::select;
    update_seen_ |= keyword == Keyword::update;
    const bool is_union_all = last_word_ == Keyword::union_ && keyword == Keyword::all;
    last_word_ = is_union_all ? Keyword::union_ : keyword;
    last_symbol_is_quote_ = last_symbol_is_semicolon_ = false;
    return false;
  }

  bool take_symbol() {
    const char symbol = rest_.front();
    rest_.remove_prefix(1);
    if (completes_attempt(symbol)) return true;
    last_word_ = Keyword::none;
    last_symbol_is_quote_ = symbol == '"' || symbol == '\'';
    last_symbol_is_semicolon_ = symbol == ';';
    return false;
  }

  // rest_ is what follows the symbol.
  bool completes_attempt(char symbol) {
    switch (symbol) {
      case ';':
        return last_symbol_is_quote_;
      case '=':
        return last_word_ == Keyword::event_handler || last_word_ == Keyword::onload;
      case '(':
        return last_word_ == Keyword::expression;
      case ':':
        return last_word_ == Keyword::javascript ||
               (last_word_ == Keyword::data && starts_with_ignoring_case(rest_, "text/html"));
      case '<':
        return opens_harmful_element();
      case '>':
        return script_seen_;
      case '/':
        if (!comment_seen_ && rest_.starts_with('*')) {
          comment_seen_ = true;
          rest_.remove_prefix(1);
        }
        return false;
      case '*':
        return comment_seen_ && rest_.starts_with('/');
      default:
        return false;
    }
  }

  bool opens_harmful_element() {
    script_seen_ |= starts_with_ignoring_case(rest_, "script");
    svg_seen_ |= starts_with_ignoring_case(rest_, "svg");
    return starts_with_ignoring_case(rest_, "/script>") || starts_with_ignoring_case(rest_, "iframe") ||
           starts_with_ignoring_case(rest_, "object") || starts_with_ignoring_case(rest_, "embed");
  }

  std::string_view rest_;
  Keyword last_word_ = Keyword::none;  // when only white space stands between it and rest_
  bool last_symbol_is_quote_ = false;  // likewise
  bool last_symbol_is_semicolon_ = false;
  bool select_seen_ = false;
  bool update_seen_ = false;
  bool script_seen_ = false;
  bool svg_seen_ = false;
  bool comment_seen_ = false;
};

struct LengthLimit {
  std::string_view column;
  std::size_t characters;
};

constexpr LengthLimit length_limits[] = {
    {"namespace", 253},
    {"pod", 253},
    {"node", 253},
    {"persistentvolumeclaim", 253},
    {"persistentvolume", 253},
    {"storageclass", 253},
    {"vm_name", 253},
    {"csi_driver", 253},
    {"vm_device", 253},
    {"resource_id", 512},
    {"csi_volume_handle", 512},
    {"gpu_model_name", 256},
    {"gpu_uuid", 128},
    {"gpu_vendor_name", 128},
    {"node_role", 128},
    {"vm_instance_type", 128},
    {"vm_os", 128},
};

constexpr std::size_t least_limit = std::ranges::min(length_limits, {}, &LengthLimit::characters).characters;

bool is_too_long(std::string_view column, std::string_view text) {
  if (text.size() <= least_limit) return false;
  for (const LengthLimit& limit : length_limits)
    if (limit.column == column) return prefix_of_characters(text, limit.characters) < text.size();
  return false;
}

}  // namespace

bool looks_suspicious(std::string_view column, std::string_view text) noexcept {
  return is_too_long(column, text) || AttemptFinder(text).finds_one();
}

}  // namespace koku
