// Reads XML as answers of AWS are read. A line of standard input: {"xml" in base64}; the answer: the texts by path, or
// null for what is refused.
#include <iostream>

#include "oracles/json_lines.hpp"
#include "provider-dispatcher/adapters/providers/aws/xml_answer.hpp"
#include "security/digest.hpp"

int main() {
  using namespace carillon;
  for (std::string line; std::getline(std::cin, line);) {
    bool ok = false;
    const std::string xml = security::from_base64(oracle::text(oracle::parsed(line), "xml"), ok);
    if (!ok) throw std::runtime_error("the document is not base64");
    const auto texts = dispatcher::aws::read_xml_answer(xml);
    std::cout << (texts ? oracle::object_of({texts->begin(), texts->end()}) : "null") << '\n';
  }
}
