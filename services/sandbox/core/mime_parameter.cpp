#include "sandbox/core/mime_parameter.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "values/lower_case.hpp"
#include "values/utf8.hpp"

namespace carillon::sandbox {
namespace {

constexpr int parts_max = 100;

struct Parameter {
  std::string name;  // in lower case, with its asterisks
  std::string value;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

// The value up to the next ';' outside quotes, which `rest` then begins behind.
std::string take_value(std::string_view& rest) {
  std::string out;
  if (rest.empty() || rest.front() != '"') {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    out = trimmed(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return out;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    if (rest[at] == '\\' && at + 1 < rest.size()) ++at;
    out += rest[at];
  }
  const std::size_t end = std::min(rest.find(';', std::min(at, rest.size())), rest.size());
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

std::vector<Parameter> parameters_of(std::string_view header) {
  std::vector<Parameter> out;
  header.remove_prefix(std::min(std::min(header.find(';'), header.size()) + 1, header.size()));
  while (!header.empty()) {
    const std::size_t equals = header.find('=');
    if (equals == std::string_view::npos) break;
    std::string name = lower_case(trimmed(header.substr(0, equals)));
    header = header.substr(equals + 1);
    while (!header.empty() && header.front() == ' ') header.remove_prefix(1);
    std::string value = take_value(header);
    out.push_back({std::move(name), std::move(value)});
  }
  return out;
}

const std::string* value_of(const std::vector<Parameter>& parameters, std::string_view name) {
  for (const Parameter& parameter : parameters) {
    if (parameter.name == name) return &parameter.value;
  }
  return nullptr;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Without "charset'language'".
std::string_view without_charset(std::string_view value) {
  const std::size_t first = value.find('\'');
  const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
  return second == std::string_view::npos ? value : value.substr(second + 1);
}

}  // namespace

std::string mime_parameter(std::string_view header, std::string_view name) {
  if (header.empty()) return {};
  const std::vector<Parameter> parameters = parameters_of(header);
  const std::string key(name);
  if (const std::string* value = value_of(parameters, key + "*"))
    return valid_utf8(percent_decoded(without_charset(*value)));
  std::string joined;
  for (int part = 0; part < parts_max; ++part) {
    const std::string at = key + "*" + std::to_string(part);
    if (const std::string* plain = value_of(parameters, at)) {
      joined += *plain;
    } else if (const std::string* extended = value_of(parameters, at + "*")) {
      joined += percent_decoded(part == 0 ? without_charset(*extended) : std::string_view(*extended));
    } else {
      break;
    }
  }
  if (!joined.empty()) return valid_utf8(joined);
  const std::string* value = value_of(parameters, key);
  return value == nullptr ? std::string() : valid_utf8(*value);
}

}  // namespace carillon::sandbox
