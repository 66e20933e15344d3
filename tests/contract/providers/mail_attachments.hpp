// The attachments of a mail as it came over the wire: enough of MIME (RFC 2045, 2046, 2231) for mails whose parts are
// all base64, written apart from what makes them. Throws std::runtime_error on what a strict reader would not take.
#pragma once
#include <string_view>
#include <vector>

#include "provider-dispatcher/core/provider.hpp"

namespace carillon::testing {

std::vector<dispatcher::Attachment> attachments_of_mail(std::string_view mail);

}  // namespace carillon::testing
