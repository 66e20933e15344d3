#include "provider-dispatcher/adapters/providers/slack/error_table.hpp"

#include <algorithm>

#include "provider-dispatcher/adapters/providers/http_answer.hpp"

namespace carillon::dispatcher::slack {
namespace {

constexpr std::size_t word_chars_max = 60;

struct Row {
  std::string_view word;
  Reason reason;
  bool suppress_recipient = false;
};

// The URL is the recipient: whatever is wrong with it is no trouble of the provider and of no other tenant. What was
// removed for good never comes back under the same URL; an archived channel or a restriction may.
constexpr Row rows[] = {
    {"no_service", Reason::RECIPIENT_INACTIVE, true},       // the webhook was removed or disabled
    {"no_active_hooks", Reason::RECIPIENT_INACTIVE, true},  // the same
    {"no_team", Reason::RECIPIENT_INACTIVE, true},          // the workspace is gone
    {"channel_not_found", Reason::RECIPIENT_REJECTED},      // the channel is gone or closed to the webhook
    {"channel_is_archived", Reason::RECIPIENT_REJECTED},
    {"user_not_found", Reason::RECIPIENT_REJECTED},
    {"action_prohibited", Reason::RECIPIENT_REJECTED},  // an administrator of the workspace forbids it
    {"posting_to_general_channel_denied", Reason::RECIPIENT_REJECTED},
    {"invalid_token", Reason::RECIPIENT_REJECTED},  // the secret part of the URL is wrong
    {"invalid_payload", Reason::CONTENT_REJECTED},
    {"no_text", Reason::CONTENT_REJECTED},
    {"too_many_attachments", Reason::CONTENT_REJECTED},
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= word_chars_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

bool is_about_recipient(int status) {
  return status == 401 || status == 403 || status == 404 || status == 410;
}

}  // namespace

Outcome read_answer(int status, const http::Fields&, std::string_view body) {
  const std::string_view said = trimmed(body);
  Outcome outcome;
  if (status >= 200 && status < 300) {
    if (status == 200 && said == "ok") {
      outcome.kind = OutcomeKind::ACCEPTED;
      return outcome;
    }
    outcome.kind = OutcomeKind::UNCONFIRMED;
    outcome.reason = Reason::BAD_ANSWER;
    outcome.detail = "the answer is not \"ok\"";
    return outcome;
  }
  outcome = outcome_by_status(status);
  outcome.recipient_only = status == 429;  // Slack limits each webhook URL by itself
  if (is_about_recipient(status)) {
    outcome.kind = OutcomeKind::REJECTED;
    outcome.reason = Reason::RECIPIENT_REJECTED;
  }
  if (status == 429 || status >= 500 || !is_word(said)) return outcome;
  outcome.provider_code = said;
  outcome.detail = said;
  for (const Row& row : rows) {
    if (row.word != said) continue;
    outcome.kind = OutcomeKind::REJECTED;
    outcome.reason = row.reason;
    outcome.suppress_recipient = row.suppress_recipient;
  }
  return outcome;
}

}  // namespace carillon::dispatcher::slack
