// Clients as JSON.
#pragma once
#include <string>

#include "provisioning/core/client.hpp"

namespace carillon::provisioning {

// MASKED for lists: addresses and numbers of people are only hinted at. A Slack webhook is a secret and always masked.
enum class Recipients { MASKED, CLEAR };

std::string client_json(const Client& client, Recipients recipients);

}  // namespace carillon::provisioning
