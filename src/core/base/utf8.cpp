#include "core/base/utf8.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace koku {
namespace {

// What may follow a lead byte: the range of the second byte differs from 80..BF where a shorter form, a surrogate or
// a code point above U+10FFFF would come out otherwise.
struct Lead {
  std::uint8_t size;  // 0: no lead byte
  std::uint8_t second_low;
  std::uint8_t second_high;
};

constexpr Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

constexpr unsigned char to_byte(char c) { return static_cast<unsigned char>(c); }

char* copy(std::string_view text, char* out) {
  if (!text.empty()) std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

// Bytes at the end of `text` that lead a character which goes on after it; 0..3.
std::size_t cut_bytes(std::string_view text) {
  const std::size_t longest = std::min<std::size_t>(text.size(), 3);
  for (std::size_t back = 1; back <= longest; ++back) {
    const char byte = text[text.size() - back];
    if (is_utf8_continuation(byte)) continue;
    return lead_of(to_byte(byte)).size > back ? back : 0;
  }
  return 0;
}

}  // namespace

Utf8Character decode_utf8(std::string_view text) noexcept {
  const unsigned char first = to_byte(text[0]);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = lead_of(first);
  if (lead.size == 0) return {replacement_character, 1, false};
  char32_t code_point = first & (0x7Fu >> lead.size);
  for (std::uint8_t at = 1; at < lead.size; ++at) {
    const unsigned char byte = at < text.size() ? to_byte(text[at]) : 0;
    const bool fits = at == 1 ? byte >= lead.second_low && byte <= lead.second_high : (byte & 0xC0) == 0x80;
    if (!fits) return {replacement_character, at, false};
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  return {code_point, lead.size, true};
}

char* Utf8Cleaner::append(std::string_view block, char* out) {
  while (cut_size_ > 0 && !block.empty()) {
    // Only as many bytes as the cut character lacks: what they turn out to be, the rest of the block is not moved.
    const std::size_t missing = lead_of(to_byte(cut_[0])).size - cut_size_;
    const std::size_t taken = std::min(missing, block.size());
    std::memcpy(cut_.data() + cut_size_, block.data(), taken);
    block.remove_prefix(taken);
    const std::array<char, 4> bytes = cut_;
    out = append_whole_characters({bytes.data(), cut_size_ + taken}, out);
  }
  if (block.empty()) return out;
  return append_whole_characters(block, out);
}

char* Utf8Cleaner::finish(char* out) {
  if (cut_size_ == 0) return out;
  out = repair({cut_.data(), cut_size_}, out);
  cut_size_ = 0;
  return out;
}

// Keeps a character cut by the end of `text` back.
char* Utf8Cleaner::append_whole_characters(std::string_view text, char* out) {
  cut_size_ = cut_bytes(text);
  const std::string_view whole = text.substr(0, text.size() - cut_size_);
  if (cut_size_ > 0) std::memcpy(cut_.data(), text.data() + whole.size(), cut_size_);
  if (whole.empty()) return out;
  const bool has_nul = std::memchr(whole.data(), '\0', whole.size()) != nullptr;
  if (!has_nul && simdjson::validate_utf8(whole.data(), whole.size())) return copy(whole, out);
  return repair(whole, out);
}

char* Utf8Cleaner::repair(std::string_view text, char* out) {
  std::size_t good = 0;  // bytes at the front of `text` that stay as they are
  while (good < text.size()) {
    const Utf8Character character = decode_utf8(text.substr(good));
    const bool is_nul = character.code_point == 0;
    if (character.valid && !is_nul) {
      good += character.size;
      continue;
    }
    out = copy(text.substr(0, good), out);
    if (is_nul) {
      ++removed_nuls_;
    } else {
      out = copy(replacement_utf8, out);
      ++replaced_sequences_;
    }
    text.remove_prefix(good + character.size);
    good = 0;
  }
  return copy(text, out);
}

}  // namespace koku
