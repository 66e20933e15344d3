#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/aws/xml_answer.hpp"

namespace {

using namespace carillon::dispatcher::aws;
using Texts = std::map<std::string, std::string>;

std::string text_of(const std::string& inside) {
  const auto read = read_xml_answer("<a>" + inside + "</a>");
  return read ? read->at("a") : "refused";
}

TEST_CASE("xml answer: the texts of elements without children, by path") {
  CHECK(read_xml_answer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<ErrorResponse xmlns=\"http://x/\">\n  <Error>\n"
                        "    <Code>Throttled</Code><Message>Slow\tdown</Message>\n <Detail/></Error>"
                        "<RequestId >r1</RequestId ></ErrorResponse>\n") ==
        Texts{{"ErrorResponse/Error/Code", "Throttled"},
              {"ErrorResponse/Error/Message", "Slow\tdown"},
              {"ErrorResponse/Error/Detail", ""},
              {"ErrorResponse/RequestId", "r1"}});
  CHECK(read_xml_answer("<a><b>1</b><b>2</b></a>") == Texts{{"a/b", "1"}});
}

TEST_CASE("xml answer: references and line ends are decoded") {
  CHECK(text_of("&lt;&amp;&gt;&quot;&apos;") == "<&>\"'");
  CHECK(text_of("&#228;&#xE4;&#x20AC;&#x1F514;&#9;") == "ää€🔔\t");
  CHECK(text_of("a\r\nb\rc") == "a\nb\nc");
  CHECK(text_of("&amp;lt;") == "&lt;");
}

TEST_CASE("xml answer: what is not well-formed or has no place in an answer is refused") {
  for (const char* xml : {"",
                          " ",
                          "text",
                          "<a>",
                          "<a></b>",
                          "<a><b></a></b>",
                          "<a/><b/>",
                          "</a>",
                          "<a></a>x",
                          "x<a/>",
                          "< a/>",
                          "<a",
                          "<a b>",
                          "<a b=c/>",
                          "<a b='1' b='2'/>",
                          "<a b='1'c='2'/>",
                          "<a b='<'/>",
                          "<a b='&x;'/>",
                          "<a>&nbsp;</a>",
                          "<a>&</a>",
                          "<a>&#0;</a>",
                          "<a>&#x110000;</a>",
                          "<a>&#xD800;</a>",
                          "<a>&#xFFFE;</a>",
                          "<a>&#-1;</a>",
                          "<a>]]></a>",
                          "<a>\x01</a>",
                          "<a>\xff</a>",
                          "<a>\xEF\xBF\xBF</a>",
                          "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
                          "<a><!-- c --></a>",
                          "<a><![CDATA[b]]></a>",
                          "<a><?b?></a>",
                          "<x:a/>",
                          "<a>text<b/></a>",
                          "<a><b/>text</a>",
                          "<?xml?><a/>",
                          "<?xml encoding='UTF-8'?><a/>",
                          "<?xml version='1.0' encoding='latin1'?><a/>",
                          "<?xml version='1.0'><a/>",
                          " <?xml version='1.0'?><a/>",
                          "<html>\x01 this is not an answer",
                          "{\"a\":1}"}) {
    INFO(xml);
    CHECK_FALSE(read_xml_answer(xml).has_value());
  }
}

TEST_CASE("xml answer: depth and number of elements are bounded") {
  const auto nested = [](std::size_t depth) {
    std::string xml;
    for (std::size_t i = 0; i < depth; ++i) xml += "<a>";
    for (std::size_t i = 0; i < depth; ++i) xml += "</a>";
    return xml;
  };
  CHECK(read_xml_answer(nested(xml_depth_max)).has_value());
  CHECK_FALSE(read_xml_answer(nested(xml_depth_max + 1)).has_value());
  CHECK_FALSE(read_xml_answer(nested(100'000)).has_value());
  const auto wide = [](std::size_t elements) {
    std::string xml = "<a>";
    for (std::size_t i = 1; i < elements; ++i) xml += "<b/>";
    return xml + "</a>";
  };
  CHECK(read_xml_answer(wide(xml_elements_max)).has_value());
  CHECK_FALSE(read_xml_answer(wide(xml_elements_max + 1)).has_value());
}

}  // namespace
