// GET /api/admin/ses/account and POST /api/admin/ses/senders, as answers. They wait for SES, account_wait_max at most.
#pragma once
#include <chrono>

#include "http/message.hpp"
#include "provider-dispatcher/adapters/providers/ses/account.hpp"

namespace carillon::dispatcher::ses {

inline constexpr std::chrono::seconds account_wait_max{25};

http::Response answer_account(const Account& account, UtcTime now);
http::Response answer_verify_sender(const http::Request& request, const Account& account, UtcTime now);

}  // namespace carillon::dispatcher::ses
