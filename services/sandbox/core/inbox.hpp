// What arrived: messages as raw bytes, calls as fixed-size rows, figures. Bounded; the oldest leave first. Keeping one
// costs a copy of its bytes; reading what is in it waits until somebody looks (message_view.hpp). One thread at a time.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/core/provider_name.hpp"

namespace carillon::sandbox {

// A receipt that was sent for a message.
struct ReceiptNote {
  std::string_view kind;  // the provider's word for it; static text
  std::int64_t sent_at_us = 0;
  int status = 0;  // of the answer; 0 = none came
};
inline constexpr std::size_t receipt_notes_max = 16;

struct StoredMessage {
  std::uint64_t id = 0;
  ProviderName provider{};
  std::int64_t received_at_us = 0;
  std::string raw;  // the body of the call; for SMTP the mail's data
  // What the call said outside of its body, in lines. SMTP: sender, recipients; SNS: message id, attempt; Slack: URL,
  // message id, attempt.
  std::string envelope;
  std::vector<ReceiptNote> receipts;  // sent for it, at most receipt_notes_max
};

enum class CallOutcome : std::uint8_t { ACCEPTED, REFUSED, HUNG, RESET, DROPPED, GARBAGE };
inline constexpr std::array<std::string_view, 6> call_outcome_names{"accepted", "refused", "hung",
                                                                    "reset",    "dropped", "garbage"};

// One call that was read to its end, whatever was done with it then.
struct CallRow {
  std::array<char, 36> message_id{};  // zero bytes behind a shorter one
  std::int32_t attempt = 0;
  ProviderName provider{};
  CallOutcome outcome{};
  bool answered = false;
  std::int64_t received_at_us = 0;
};

struct Figures {
  std::uint64_t calls = 0, accepted = 0, refused = 0;
};

class Inbox {
 public:
  Inbox(std::size_t messages_max, std::size_t calls_max) : messages_max_(messages_max), calls_max_(calls_max) {}

  std::uint64_t keep(StoredMessage message);  // gives it its id
  void drop_messages();
  void note_receipt(std::uint64_t id, const ReceiptNote& note);  // nothing when the message has left
  const std::deque<StoredMessage>& messages() const { return messages_; }
  const StoredMessage* find(std::uint64_t id) const;

  // A number for answered(), which later may be too old to matter.
  std::uint64_t note_call(ProviderName provider, std::string_view message_id, std::int32_t attempt, CallOutcome outcome,
                          std::int64_t received_at_us);
  void answered(std::uint64_t call);
  const std::deque<CallRow>& calls() const { return calls_; }
  const Figures& figures(ProviderName provider) const { return figures_[static_cast<std::size_t>(provider)]; }

 private:
  const std::size_t messages_max_, calls_max_;
  std::deque<StoredMessage> messages_;
  std::size_t bytes_ = 0;
  std::uint64_t last_id_ = 0;
  std::deque<CallRow> calls_;
  std::uint64_t calls_dropped_ = 0;
  std::array<Figures, provider_names.size()> figures_{};
};

inline constexpr std::size_t inbox_bytes_max = 256 * 1024 * 1024;

}  // namespace carillon::sandbox
