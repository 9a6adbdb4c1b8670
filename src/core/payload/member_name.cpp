#include "core/payload/member_name.hpp"

#include "core/base/excerpt.hpp"
#include "core/base/utf8.hpp"

namespace koku {
namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = decode_utf8(text);
    if (!character.valid) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

bool has_parent_component(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == "..") return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

std::string_view without_leading_dots_and_slashes(std::string_view path) {
  while (true) {
    if (path.starts_with('/')) {
      path.remove_prefix(1);
    } else if (path.starts_with("./")) {
      path.remove_prefix(2);
    } else {
      return path;
    }
  }
}

}  // namespace

MemberName clean_member_name(std::string_view raw, bool is_directory) {
  std::string_view path = without_leading_dots_and_slashes(raw);
  if (is_directory) {
    while (path.ends_with('/')) path.remove_suffix(1);
    if (path == ".") path = {};
  }
  const bool is_named = is_directory || !(path.empty() || path == ".");
  const bool safe = is_named && path.size() <= max_member_name_bytes && is_utf8(path) && !has_parent_component(path);
  return {safe ? std::string(path) : excerpt(raw), safe};
}

}  // namespace koku
