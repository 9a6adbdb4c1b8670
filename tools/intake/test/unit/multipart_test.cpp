#include "forms/multipart.hpp"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace koku::intake;

namespace {

/// Writes down what it is told, a line an event.
class Recorder : public PartReceiver {
 public:
  void part_begins(const PartHead& head) override {
    text += "[" + head.name + "|" + head.filename + "|" + head.content_type + "]";
  }
  void part_bytes(std::string_view bytes) override { text += bytes; }
  void part_ends() override { text += "."; }

  std::string text;
};

/// What comes of a body that arrives in pieces of the given size.
std::string read_in_pieces(const std::string& body, std::size_t size) {
  Recorder recorder;
  MultipartReader reader("b0", recorder);
  for (std::size_t begin = 0; begin < body.size(); begin += size)
    reader.feed(std::string_view(body).substr(begin, size));
  reader.finish();
  return recorder.text;
}

const std::string disposition = "Content-Disposition: form-data; name=\"file\"\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(multipart)

BOOST_AUTO_TEST_CASE(boundaries) {
  BOOST_TEST(*multipart_boundary("multipart/form-data; boundary=abc") == "abc");
  BOOST_TEST(*multipart_boundary("Multipart/Form-Data; charset=x; boundary=\"a b\"") == "a b");
  BOOST_TEST(*multipart_boundary("multipart/form-data; boundary=" + std::string(70, 'x')) == std::string(70, 'x'));
  for (const auto& text :
       {std::string(), std::string("application/json"), std::string("multipart/mixed; boundary=a"),
        std::string("multipart/form-data"), std::string("multipart/form-data; boundary="),
        std::string("multipart/form-data; boundary=\"a \""), std::string("multipart/form-data; boundary=\"a\xc3\xa4\""),
        "multipart/form-data; boundary=" + std::string(71, 'x')}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!multipart_boundary(text));
  }
}

BOOST_AUTO_TEST_CASE(parts_whatever_the_pieces) {
  const struct {
    const char* what;
    std::string body;
    std::string expected;
  } cases[] = {
      {"one part", "--b0\r\n" + disposition + "\r\nabc\r\n--b0--\r\n", "[file||]abc."},
      {"its headers",
       "--b0\r\nX-Other: 1\r\ncontent-TYPE:  text/csv ; a=b\r\nContent-Disposition: form-data; name=upload; "
       "filename=\"f.gz\"\r\n\r\nx\r\n--b0--",
       "[upload|f.gz|text/csv ; a=b]x."},
      {"two parts, preamble and epilogue",
       "read me\r\n--b0\r\n" + disposition + "\r\n1\r\n--b0\r\n" + disposition + "\r\n2\r\n--b0--\r\nthe end",
       "[file||]1.[file||]2."},
      {"content with line breaks and dashes", "--b0\r\n" + disposition + "\r\n\r\n--b\r\n\r--b0x\r\n--b0--",
       "[file||]\r\n--b\r\n\r--b0x."},
      {"no content", "--b0\r\n" + disposition + "\r\n\r\n--b0--", "[file||]."},
      {"blanks after the boundary", "--b0 \t \r\n" + disposition + "\r\nx\r\n--b0--", "[file||]x."},
      {"no part", "--b0--\r\n", ""},
  };
  for (const auto& c : cases) {
    for (std::size_t size = 1; size <= c.body.size(); ++size) {
      BOOST_TEST_CONTEXT(c.what << ", pieces of " << size) BOOST_TEST(read_in_pieces(c.body, size) == c.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_breaks_the_format) {
  const std::string long_text(9000, 'x');
  std::string many_parts;
  for (int part = 0; part < 17; ++part) many_parts += "--b0\r\n" + disposition + "\r\nx\r\n";
  const struct {
    const char* what;
    std::string body;
  } cases[] = {
      {"nothing", ""},
      {"no boundary", "abc"},
      {"no closing boundary", "--b0\r\n" + disposition + "\r\nabc"},
      {"closing boundary cut short", "--b0\r\n" + disposition + "\r\nabc\r\n--b0-"},
      {"text behind a boundary", "--b0x\r\n" + disposition + "\r\nabc\r\n--b0--"},
      {"no disposition", "--b0\r\nContent-Type: text/plain\r\n\r\nabc\r\n--b0--"},
      {"no header at all", "--b0\r\n\r\nabc\r\n--b0--"},
      {"disposition of another kind", "--b0\r\nContent-Disposition: attachment; name=file\r\n\r\nabc\r\n--b0--"},
      {"header without a name", "--b0\r\n: x\r\n\r\nabc\r\n--b0--"},
      {"header without a colon", "--b0\r\nabc\r\n\r\nabc\r\n--b0--"},
      {"long preamble", long_text},
      {"long head", "--b0\r\nX: " + long_text},
      {"long head that ends", "--b0\r\nX: " + long_text + "\r\n\r\n"},
      {"blanks without end", "--b0" + std::string(9000, ' ')},
      {"too many parts", many_parts + "--b0--"},
  };
  for (const auto& c : cases) {
    for (const std::size_t size : {1, 7, 100000}) {
      BOOST_TEST_CONTEXT(c.what << ", pieces of " << size) {
        BOOST_CHECK_THROW(read_in_pieces(c.body, size), MalformedMultipart);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(limits_do_not_depend_on_the_pieces) {
  struct Nothing : PartReceiver {
    void part_begins(const PartHead&) override {}
    void part_bytes(std::string_view) override {}
    void part_ends() override {}
  };
  const auto is_taken = [](const std::string& body, std::size_t piece) {
    Nothing nothing;
    MultipartReader reader("b", nothing);
    try {
      for (std::size_t at = 0; at < body.size(); at += piece) reader.feed(std::string_view(body).substr(at, piece));
      reader.finish();
    } catch (const MalformedMultipart&) {
      return false;
    }
    return true;
  };
  const std::string part = "\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--";
  for (const std::size_t length : {8180U, 8189U, 8190U, 8191U, 8192U, 8193U, 9000U}) {
    const std::string filler(length, ' ');
    for (const auto& body : {filler + part, "--b" + filler + part.substr(5),
                             "--b\r\nContent-Disposition: form-data; name=a\r\nX:" + filler + "\r\n\r\nx\r\n--b--"}) {
      BOOST_TEST(is_taken(body, 1) == is_taken(body, body.size()), length);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
