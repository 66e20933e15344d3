// Bodies of forms: application/x-www-form-urlencoded, with bounds.
#pragma once
#include <map>
#include <string>

#include "http/message.hpp"
#include "values/result.hpp"

namespace carillon::pages {

inline constexpr std::size_t form_bytes_max = 512 * 1'024;  // a mail's HTML, percent-encoded
inline constexpr std::size_t form_fields_max = 200;

class Form {
 public:
  explicit Form(std::map<std::string, std::string> fields) : fields_(std::move(fields)) {}
  // Decoded, of a repeated name the last; "" when absent. As sent, so perhaps no UTF-8.
  const std::string& operator[](const std::string& name) const;
  std::string trimmed(const std::string& name) const;  // without spaces and tabs around it
  bool has(const std::string& name) const { return fields_.count(name) > 0; }

 private:
  std::map<std::string, std::string> fields_;
};

// Failure UNSUPPORTED_MEDIA_TYPE, FORM_TOO_LARGE or MALFORMED_FORM.
Result<Form> read_form(const http::Request& request);

}  // namespace carillon::pages
