#include "core/report/delimiter_index.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

// The bytes after the text are delimiters, which must not be reported.
std::vector<std::uint32_t> positions_in(const koku::DelimiterIndexer& indexer, const std::string& text) {
  const std::string padded = text + std::string(koku::delimiter_padding, ',');
  std::vector<std::uint32_t> positions(text.size() + koku::delimiter_slack);
  positions.resize(indexer.index({padded.data(), text.size()}, positions.data()));
  return positions;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(delimiter_index)

BOOST_AUTO_TEST_CASE(only_the_four_delimiters_are_found) {
  std::string every_byte;
  for (int byte = 0; byte < 256; ++byte) every_byte += static_cast<char>(byte);
  const std::vector<std::uint32_t> expected = {'\n', '\r', '"', ','};
  for (const auto& indexer : koku::delimiter_indexers())
    BOOST_TEST(positions_in(indexer, every_byte) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(every_implementation_finds_the_same_in_random_texts) {
  std::mt19937 random(20261103);
  for (int round = 0; round < 2000; ++round) {
    // From hardly any delimiter to nothing else.
    const unsigned one_in = 1 + random() % 60;
    std::string text(random() % 400, '\0');
    std::vector<std::uint32_t> expected;
    for (std::uint32_t at = 0; at < text.size(); ++at) {
      const bool is_delimiter = random() % one_in == 0;
      text[at] = is_delimiter ? ",\"\n\r"[random() % 4] : static_cast<char>('.' + random() % 0x90);
      if (is_delimiter) expected.push_back(at);
    }
    for (const auto& indexer : koku::delimiter_indexers())
      BOOST_TEST((positions_in(indexer, text) == expected), indexer.name << " on " << text);
  }
}

BOOST_AUTO_TEST_SUITE_END()
