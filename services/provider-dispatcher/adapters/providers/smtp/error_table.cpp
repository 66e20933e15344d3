#include "provider-dispatcher/adapters/providers/smtp/error_table.hpp"

namespace carillon::dispatcher::smtp {
namespace {

constexpr int authentication_required = 530;
constexpr int authentication_too_weak = 534;
constexpr int authentication_failed = 535;
constexpr int encryption_required = 538;

Outcome made(OutcomeKind kind, Reason reason) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.reason = reason;
  return outcome;
}

Outcome without_reply(const Conversation& c) {
  if (c.stage == Stage::MESSAGE && c.all_handed_over) {
    return made(OutcomeKind::UNCONFIRMED, c.fault == Fault::BAD_REPLY ? Reason::BAD_ANSWER : Reason::NO_ANSWER);
  }
  switch (c.fault) {
    case Fault::TIMEOUT:
      return made(OutcomeKind::TRANSIENT, Reason::TIMEOUT);
    case Fault::TLS:
      return made(OutcomeKind::TRANSIENT, Reason::TLS);
    case Fault::BAD_REPLY:
      return made(OutcomeKind::TRANSIENT, Reason::BAD_ANSWER);
    default:
      return made(OutcomeKind::TRANSIENT, Reason::CONNECTION);
  }
}

Outcome refused_for_good(const Conversation& c) {
  if (c.reply_code == authentication_required || c.reply_code == authentication_failed ||
      c.reply_code == authentication_too_weak || c.reply_code == encryption_required) {
    return made(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION);
  }
  switch (c.stage) {
    case Stage::CONNECT:
    case Stage::HELLO:
      return made(OutcomeKind::ACCOUNT, Reason::ACCOUNT_SUSPENDED);  // said before it knows of any message
    case Stage::AUTH:
      return made(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION);
    case Stage::MAIL:
      return made(OutcomeKind::REJECTED, Reason::SENDER_REJECTED);
    case Stage::RCPT:
      return made(OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED);
    default:
      return made(OutcomeKind::REJECTED, Reason::CONTENT_REJECTED);
  }
}

}  // namespace

Outcome read_conversation(const Conversation& c) {
  Outcome outcome;
  const int kind = c.reply_code / 100;
  if (kind == 4) {
    const bool limited =
        c.reply_text.find("rate limit") != std::string::npos || c.reply_text.find("too many") != std::string::npos;
    outcome = made(OutcomeKind::TRANSIENT, limited ? Reason::RATE_LIMITED : Reason::PROVIDER_ERROR);
  } else if (kind == 5) {
    outcome = refused_for_good(c);
  } else if (kind == 2 && c.stage == Stage::MESSAGE) {
    outcome = made(OutcomeKind::ACCEPTED, Reason::NONE);
  } else {
    outcome = without_reply(c);
  }
  if (kind == 4 || kind == 5) {
    outcome.provider_code = std::to_string(c.reply_code);
    outcome.detail = c.reply_text;
  } else if (outcome.kind != OutcomeKind::ACCEPTED) {
    outcome.detail =
        c.all_handed_over ? "no reply to the message" : "the connection failed before the message was handed over";
  }
  return outcome;
}

}  // namespace carillon::dispatcher::smtp
