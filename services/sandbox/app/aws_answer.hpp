// How AWS's services say no: SES in JSON, SNS in XML. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/adapters/http_session.hpp"

namespace carillon::sandbox {

// Errors are the names of core/provider_errors.hpp or any other name.
std::string ses_error(int status, std::string_view type, std::string_view message, std::string_view headers = {});
std::string sns_error(int status, std::string_view code, std::string_view message, std::string_view headers = {});

struct AwsRefusal {
  int status = 0;
  std::string_view code;  // SES adds "Exception"
  std::string message;
};
// What is wrong with the call's Signature Version 4 for `service`; nullopt when it is of the right form. Any
// credentials are taken.
std::optional<AwsRefusal> signature_fault(const HttpRequest& request, std::string_view service);

std::string xml_text(std::string_view text);  // with the five entities, control characters left out

}  // namespace carillon::sandbox
