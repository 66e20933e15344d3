#include "provider-dispatcher/adapters/providers/http_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "provider-dispatcher/adapters/providers/answer_detail.hpp"

namespace carillon::dispatcher {
namespace {

// RFC 9110, 5.6.7: only the preferred form, "Sun, 06 Nov 1994 08:49:37 GMT", is in use.
std::optional<UtcTime> from_http_date(const std::string& text) {
  static constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  char month_name[4] = {};
  unsigned day = 0;
  int year = 0, hour = 0, minute = 0, second = 0, end = 0;
  const int read = std::sscanf(text.c_str(), "%*3[A-Za-z], %2u %3s %4d %2d:%2d:%2d GMT%n", &day, month_name, &year,
                               &hour, &minute, &second, &end);
  if (read != 6 || end != static_cast<int>(text.size())) return std::nullopt;
  const auto found = std::find(month_names.begin(), month_names.end(), month_name);
  if (found == month_names.end() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(found - month_names.begin() + 1)},
                                         std::chrono::day{day}};
  if (!date.ok()) return std::nullopt;
  return UtcTime{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                 std::chrono::seconds{second}};
}

Reason reason_of(http::CallError error) {
  switch (error) {
    case http::CallError::TLS:
      return Reason::TLS;
    case http::CallError::TIMEOUT:
      return Reason::TIMEOUT;
    default:
      return Reason::CONNECTION;
  }
}

}  // namespace

std::optional<std::chrono::seconds> retry_after(const http::Fields& headers, UtcTime now) {
  const std::string_view value = http::field(headers, "Retry-After");
  if (value.empty()) return std::nullopt;
  std::chrono::seconds wait{};
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (problem == std::errc{} && end == value.data() + value.size()) {
    if (seconds < 0) return std::nullopt;
    wait = std::chrono::seconds{std::min<std::int64_t>(seconds, retry_after_read_max.count())};
  } else if (const auto date = from_http_date(std::string(value))) {
    wait = std::chrono::ceil<std::chrono::seconds>(*date - now);
    if (wait < std::chrono::seconds{0}) return std::nullopt;
  } else {
    return std::nullopt;
  }
  return std::min(wait, retry_after_read_max);
}

Outcome outcome_without_answer(const http::Answer& answer) {
  Outcome outcome;
  outcome.detail = std::string(http::to_string(answer.error)) + " " + answer.detail;
  if (answer.progress == http::Progress::NOT_SENT) {
    outcome.kind = OutcomeKind::TRANSIENT;
    outcome.reason = reason_of(answer.error);
    return outcome;
  }
  const bool answered_badly =
      answer.error == http::CallError::ANSWER_TOO_LARGE || answer.error == http::CallError::BAD_ANSWER;
  outcome.kind = OutcomeKind::UNCONFIRMED;
  outcome.reason = answered_badly ? Reason::BAD_ANSWER : Reason::NO_ANSWER;
  return outcome;
}

Outcome outcome_of(const http::Answer& answer, UtcTime now, ErrorTable table, const std::vector<std::string>& secrets) {
  Outcome outcome =
      answer.status == 0 ? outcome_without_answer(answer) : table(answer.status, answer.headers, answer.body);
  if (outcome.kind == OutcomeKind::TRANSIENT || outcome.kind == OutcomeKind::ACCOUNT) {
    outcome.retry_after = retry_after(answer.headers, now);
  }
  outcome.detail = safe_detail(outcome.detail, secrets);
  outcome.latency = std::chrono::duration_cast<std::chrono::milliseconds>(answer.took);
  return outcome;
}

Outcome recipient_not_usable(std::string_view why) {
  Outcome outcome;
  outcome.kind = OutcomeKind::REJECTED;
  outcome.reason = Reason::RECIPIENT_REJECTED;
  outcome.detail = why;
  return outcome;
}

Outcome outcome_by_status(int status) {
  Outcome outcome;
  outcome.provider_code = std::to_string(status);
  outcome.detail = "HTTP status " + outcome.provider_code;
  if (status == 401 || status == 403) {
    outcome.kind = OutcomeKind::ACCOUNT;
    outcome.reason = Reason::AUTHENTICATION;
  } else if (status == 429) {
    outcome.kind = OutcomeKind::TRANSIENT;
    outcome.reason = Reason::RATE_LIMITED;
  } else if (status == 400 || status == 413 || status == 422) {
    outcome.kind = OutcomeKind::REJECTED;
    outcome.reason = Reason::CONTENT_REJECTED;
  } else {
    outcome.kind = OutcomeKind::TRANSIENT;
    outcome.reason = Reason::PROVIDER_ERROR;
  }
  return outcome;
}

}  // namespace carillon::dispatcher
