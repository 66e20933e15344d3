#include "pages/form.hpp"

#include <algorithm>

#include "http/media_type.hpp"
#include "http/url.hpp"
#include "values/recipient.hpp"

namespace carillon::pages {

const std::string& Form::operator[](const std::string& name) const {
  static const std::string none;
  const auto field = fields_.find(name);
  return field == fields_.end() ? none : field->second;
}

std::string Form::trimmed(const std::string& name) const {
  const std::string& text = (*this)[name];
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Result<Form> read_form(const http::Request& request) {
  if (http::media_type(request) != "application/x-www-form-urlencoded")
    return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/x-www-form-urlencoded"};
  if (request.body.size() > form_bytes_max) return Failure{"FORM_TOO_LARGE", "the form holds too much text"};
  const auto separators = std::count(request.body.begin(), request.body.end(), '&');
  if (static_cast<std::size_t>(separators) >= form_fields_max)
    return Failure{"FORM_TOO_LARGE", "the form has too many fields"};
  auto fields = http::parse_form(request.body);
  const auto is_text = [](const auto& field) { return is_valid_utf8(field.first) && is_valid_utf8(field.second); };
  if (!fields || !std::all_of(fields->begin(), fields->end(), is_text))
    return Failure{"MALFORMED_FORM", "the form is not encoded as it has to be"};
  return Form(std::move(*fields));
}

}  // namespace carillon::pages
