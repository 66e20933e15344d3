#include "http/url.hpp"

#include <algorithm>
#include <limits>

#include "values/recipient.hpp"

namespace carillon::http {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// "http://host/path" -> "/path"; nullopt when it is neither form.
std::optional<std::string_view> origin_form(std::string_view target) {
  if (target.empty()) return std::nullopt;
  if (target.front() == '/' || target == "*") return target;
  const std::size_t authority = target.find("://");
  if (authority == std::string_view::npos || authority == 0) return std::nullopt;
  const std::size_t path = target.find_first_of("/?", authority + 3);
  if (path == std::string_view::npos) return "/";
  return target[path] == '/' ? std::optional(target.substr(path)) : std::nullopt;
}

bool is_text(const std::pair<const std::string, std::string>& field) {
  return is_valid_utf8(field.first) && is_valid_utf8(field.second);
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus == Plus::SPACE) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  return out;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() * 3);
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
  return out;
}

std::optional<Fields> form_fields(std::string_view text, std::size_t fields_max) {
  Fields fields;
  while (!text.empty()) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = percent_decoded(pair.substr(0, equals), Plus::SPACE);
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : percent_decoded(pair.substr(equals + 1), Plus::SPACE);
    if (!name || !value || fields.size() == fields_max) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

std::optional<std::map<std::string, std::string>> parse_form(std::string_view text) {
  auto fields = form_fields(text, std::numeric_limits<std::size_t>::max());
  if (!fields) return std::nullopt;
  std::map<std::string, std::string> out;
  for (auto& [name, value] : *fields) out.insert_or_assign(std::move(name), std::move(value));
  return out;
}

std::string form_encoded(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (!out.empty()) out.push_back('&');
    out += percent_encoded(name);
    out.push_back('=');
    out += percent_encoded(value);
  }
  return out;
}

bool split_target(Request& request) {
  const auto target = origin_form(request.target);
  if (!target) return false;
  std::string_view path = target->substr(0, target->find('#'));
  const std::size_t mark = path.find('?');
  if (mark != std::string_view::npos) {
    auto query = parse_form(path.substr(mark + 1));
    if (!query || !std::all_of(query->begin(), query->end(), is_text)) return false;
    request.query = std::move(*query);
    path = path.substr(0, mark);
  }
  auto decoded = percent_decoded(path);
  if (!decoded || !is_valid_utf8(*decoded)) return false;
  request.path = std::move(*decoded);
  return true;
}

}  // namespace carillon::http
