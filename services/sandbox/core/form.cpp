#include "sandbox/core/form.hpp"

#include <algorithm>

namespace carillon::sandbox {

std::string form_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string form_value(std::string_view form, std::string_view name) {
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view field = form.substr(0, end);
    const std::size_t equals = std::min(field.find('='), field.size());
    if (form_decoded(field.substr(0, equals)) == name)
      return form_decoded(field.substr(std::min(equals + 1, field.size())));
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return {};
}

}  // namespace carillon::sandbox
