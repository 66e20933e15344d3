#include "sandbox/core/message_attributes.hpp"

#include "sandbox/core/form.hpp"

namespace carillon::sandbox {

std::vector<MessageAttribute> message_attributes(std::string_view form) {
  std::vector<MessageAttribute> out;
  for (int n = 1; n <= message_attributes_max; ++n) {
    const std::string entry = "MessageAttributes.entry." + std::to_string(n) + ".";
    MessageAttribute attribute;
    attribute.name = form_value(form, entry + "Name");
    if (attribute.name.empty()) break;
    attribute.data_type = form_value(form, entry + "Value.DataType");
    attribute.value = form_value(form, entry + "Value.StringValue");
    out.push_back(std::move(attribute));
  }
  return out;
}

}  // namespace carillon::sandbox
