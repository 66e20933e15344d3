// Slack's answers to a call of an incoming webhook: a status and one word of text
// (https://docs.slack.dev/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks). Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::slack {

// ACCEPTED comes without an id: Slack gives none.
Outcome read_answer(int status, const http::Fields& headers, std::string_view body);

}  // namespace carillon::dispatcher::slack
