// What a provider remembers of an accepted message, to repeat it in receipts.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/core/provider_name.hpp"

namespace carillon::sandbox {

struct ReceiptFacts {
  std::uint64_t number = 0;  // of the message in this run
  std::string id;            // the provider's own
  std::string recipient, sender, subject, template_key;
  std::string stream;                                     // Postmark's message stream, Twilio's messaging service
  std::string configuration_set;                          // SES
  std::string account;                                    // Twilio
  std::vector<std::pair<std::string, std::string>> tags;  // Metadata, EmailTags, custom_args
  std::int64_t accepted_at_us = 0;
};

}  // namespace carillon::sandbox
