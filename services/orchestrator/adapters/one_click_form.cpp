#include "orchestrator/adapters/one_click_form.hpp"

#include <string>

#include "http/url.hpp"
#include "values/lower_case.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view field_name = "List-Unsubscribe";
constexpr std::string_view field_value = "One-Click";
constexpr std::size_t boundary_chars_max = 70;  // RFC 2046, 5.1.1

bool form_asks(std::string_view body) {
  const auto form = http::parse_form(body);
  if (!form) return false;
  const auto field = form->find(std::string(field_name));
  return field != form->end() && field->second == field_value;
}

// "" when there is none, or one that is too long.
std::string_view boundary_of(std::string_view content_type) {
  const std::string lower = lower_case(content_type);
  const std::size_t at = lower.find("boundary=");
  if (at == std::string::npos) return {};
  std::string_view boundary = content_type.substr(at + std::string_view("boundary=").size());
  if (boundary.starts_with('"')) {
    boundary.remove_prefix(1);
    boundary = boundary.substr(0, boundary.find('"'));
  } else {
    boundary = boundary.substr(0, boundary.find_first_of("; \t"));
  }
  return boundary.size() <= boundary_chars_max ? boundary : std::string_view();
}

bool part_asks(std::string_view part) {
  const std::size_t end_of_head = part.find("\r\n\r\n");
  if (end_of_head == std::string_view::npos) return false;
  const std::string head = lower_case(part.substr(0, end_of_head));
  std::string_view value = part.substr(end_of_head + 4);
  if (value.ends_with("\r\n")) value.remove_suffix(2);
  return head.find("content-disposition: form-data") != std::string::npos &&
         head.find("name=\"" + lower_case(field_name) + "\"") != std::string::npos && value == field_value;
}

bool multipart_asks(std::string_view boundary, std::string_view body) {
  if (boundary.empty()) return false;
  const std::string mark = "--" + std::string(boundary);
  std::size_t begin = body.find(mark);
  while (begin != std::string_view::npos) {
    begin += mark.size();
    const std::size_t end = body.find(mark, begin);
    if (end == std::string_view::npos) return false;  // the last mark, or a part without its end
    if (part_asks(body.substr(begin, end - begin))) return true;
    begin = end;
  }
  return false;
}

}  // namespace

bool asks_to_unsubscribe(std::string_view content_type, std::string_view body) {
  if (body.size() > one_click_body_bytes_max) return false;
  const std::string type = lower_case(content_type.substr(0, content_type.find_first_of("; \t")));
  if (type == "application/x-www-form-urlencoded") return form_asks(body);
  if (type == "multipart/form-data") return multipart_asks(boundary_of(content_type), body);
  return false;
}

}  // namespace carillon::orchestrator
