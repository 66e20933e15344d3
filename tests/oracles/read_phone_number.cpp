// Reads phone numbers as the platform does. A line of standard input: {"number"}; the answer: whether it is taken.
#include <iostream>

#include "oracles/json_lines.hpp"
#include "values/recipient.hpp"

int main() {
  using namespace carillon;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << (parse_e164(oracle::text(oracle::parsed(line), "number")) ? "true" : "false") << '\n';
}
