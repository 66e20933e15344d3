// The state that one batch of requests needs: read and locked at its beginning, changed in memory request by request,
// written back at its end, each in one round trip. One transaction, one thread.
#pragma once
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "limits/sliding_count.hpp"
#include "otp/core/recipient_state.hpp"
#include "postgres/connection.hpp"

namespace carillon::otp {

struct LimitKey {
  std::string kind;  // "ip_send", "ip_check", "prefix_send"
  std::string key;
  auto operator<=>(const LimitKey&) const = default;
};

struct StepUpToken {
  std::string recipient_hash;
  UtcTime expires_at{};
};

struct ConversionStep {
  std::int64_t sent = 0, verified = 0;
};

class StateBook {
 public:
  // What has to be asked for before load().
  void want_recipient(const std::string& recipient_hash) { recipients_.try_emplace(recipient_hash); }
  void want_limit(const LimitKey& key) { limits_.try_emplace(key); }
  void want_token(const std::string& token_hash) { tokens_.try_emplace(token_hash); }
  void load(pg::Transaction& tx);

  // What was wanted; asking for anything else throws std::out_of_range.
  RecipientState& recipient(const std::string& recipient_hash) { return recipients_.at(recipient_hash).state; }
  SlidingCount& limit(const LimitKey& key) { return limits_.at(key).count; }
  const StepUpToken* token(const std::string& token_hash) const;  // nullptr: unknown or used

  void recipient_changed(const std::string& recipient_hash) { recipients_.at(recipient_hash).changed = true; }
  void challenge_changed(const std::string& recipient_hash, Action action) {
    recipients_.at(recipient_hash).actions_changed.insert(action);
  }
  void limit_changed(const LimitKey& key) { limits_.at(key).changed = true; }
  void mark_verified(const std::string& recipient_hash) { verified_.insert(recipient_hash); }
  void add_token(const std::string& token_hash, StepUpToken token) { new_tokens_[token_hash] = std::move(token); }
  void use_token(const std::string& token_hash);
  ConversionStep& conversion(const std::string& country) { return conversion_[country]; }

  // Throws pg::Conflict when another transaction has written a row that was not there to be locked: try again.
  void store(pg::Transaction& tx, UtcTime now);

 private:
  struct KeptRecipient {
    RecipientState state;
    bool changed = false;
    std::set<Action> actions_changed{};
  };
  struct KeptLimit {
    SlidingCount count;
    std::int64_t version = 0;
    bool changed = false;
  };
  struct KeptToken {
    StepUpToken token;
    bool there = false, used = false;
  };
  void read_recipients(const pg::BinaryRows& rows);
  void read_challenges(const pg::BinaryRows& rows);
  void read_limits(const pg::BinaryRows& rows, std::span<const LimitKey> asked);
  void read_tokens(const pg::BinaryRows& rows);

  std::map<std::string, KeptRecipient> recipients_;
  std::map<LimitKey, KeptLimit> limits_;
  std::map<std::string, KeptToken> tokens_;
  std::map<std::string, StepUpToken> new_tokens_;
  std::set<std::string> verified_;
  std::map<std::string, ConversionStep> conversion_;
};

}  // namespace carillon::otp
