#include "sandbox/app/settle_call.hpp"

#include <charconv>

#include "sandbox/app/receipts.hpp"

namespace carillon::sandbox {
namespace {

constexpr int too_many_requests = 429;
constexpr int default_failure = 503;

CallOutcome outcome_of(Mode mode) {
  switch (mode) {
    case Mode::STATUS:
    case Mode::RATE:
      return CallOutcome::REFUSED;
    case Mode::HANG:
      return CallOutcome::HUNG;
    case Mode::RESET:
      return CallOutcome::RESET;
    case Mode::DROP_AFTER_READ:
      return CallOutcome::DROPPED;
    case Mode::GARBAGE:
      return CallOutcome::GARBAGE;
    default:
      return CallOutcome::ACCEPTED;
  }
}

bool takes_message(CallOutcome outcome) {
  return outcome == CallOutcome::ACCEPTED || outcome == CallOutcome::DROPPED || outcome == CallOutcome::GARBAGE;
}

Answer answer_of(Verdict& verdict, const Dialect& dialect, const std::string& id) {
  switch (verdict.mode) {
    case Mode::RATE:
      if (verdict.order.status == default_failure) verdict.order.status = too_many_requests;
      return {Action::SEND, dialect.refused(verdict.order), {}, {}};
    case Mode::STATUS:
      return {Action::SEND, dialect.refused(verdict.order), {}, {}};
    case Mode::HANG:
      return {Action::HANG, {}, {}, {}};
    case Mode::RESET:
      return {Action::RESET, {}, {}, {}};
    case Mode::DROP_AFTER_READ:
      return {Action::CLOSE, {}, {}, {}};
    case Mode::GARBAGE:
      return {Action::SEND, dialect.garbage(), {}, {}};
    default:
      return {Action::SEND, dialect.accepted(id), {}, {}};
  }
}

}  // namespace

std::string SandboxState::next_id() {
  static constexpr char digits[] = "0123456789abcdef";
  std::string id = id_prefix + std::string(16, '0');
  std::uint64_t n = ++last_id;
  for (std::size_t at = id.size(); n != 0; n >>= 4) id[--at] = digits[n & 15];
  return id;
}

Answer settle_call(SandboxState& state, ProviderCall call, const Dialect& dialect) {
  const UtcTime now = state.clock.now();
  Verdict verdict;
  if (!state.faults.empty()) verdict = state.faults.decide(call.provider, call.recipient, now);
  const CallOutcome outcome = outcome_of(verdict.mode);
  const std::uint64_t row =
      state.inbox.note_call(call.provider, call.message_id, call.attempt, outcome, unix_micros(now));
  const std::string id = takes_message(outcome) ? dialect.id_of(state.next_id()) : std::string();
  Answer answer = answer_of(verdict, dialect, id);
  answer.delay = std::chrono::milliseconds{verdict.order.delay_ms};
  answer.sent = [inbox = &state.inbox, row] { inbox->answered(row); };
  if (takes_message(outcome)) {
    const std::uint64_t stored =
        state.inbox.keep({0, call.provider, unix_micros(now), std::move(call.raw), std::move(call.envelope), {}});
    if (state.receipts != nullptr) state.receipts->accepted(call, id, stored, answer);
  }
  return answer;
}

void ProviderCall::tag(std::string_view name, std::string_view value) {
  facts.tags.emplace_back(name, value);
  if (name == "message_id") message_id = value;
  if (name == "attempt") std::from_chars(value.data(), value.data() + value.size(), attempt);
}

Answer refuse_call(SandboxState& state, ProviderName provider, std::string_view message_id, int attempt,
                   std::string bytes) {
  const std::uint64_t row =
      state.inbox.note_call(provider, message_id, attempt, CallOutcome::REFUSED, unix_micros(state.clock.now()));
  return {Action::SEND, std::move(bytes), {}, [inbox = &state.inbox, row] { inbox->answered(row); }};
}

}  // namespace carillon::sandbox
