// Forms: the parts are the same however the bytes are cut on their way, and heads of parts never break the program.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "forms/multipart.hpp"

using namespace koku::intake;

namespace {

struct Parts : PartReceiver {
  std::string seen;
  void part_begins(const PartHead& head) override {
    seen += "<" + head.name + "|" + head.filename + "|" + head.content_type + ">";
  }
  void part_bytes(std::string_view bytes) override { seen += bytes; }
  void part_ends() override { seen += "</>"; }
};

/// What came of a body that arrived in pieces of this size; nothing when it is malformed.
std::optional<std::string> parts_of(std::string_view body, std::size_t piece) {
  Parts parts;
  MultipartReader reader("b", parts);
  try {
    for (std::size_t at = 0; at < body.size(); at += piece) reader.feed(body.substr(at, piece));
    reader.finish();
  } catch (const MalformedMultipart&) {
    return std::nullopt;
  }
  return parts.seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto whole = parts_of(input, input.size() + 1);
  for (const std::size_t piece : {1, 3, 64}) {
    const auto cut = parts_of(input, piece);
    // A body whose closing boundary has come may go on with anything; what is malformed after it is not looked at.
    if (whole != cut) std::abort();
  }
  static_cast<void>(multipart_boundary(input));
  return 0;
}
