// What an administrator decides about a message that is held because nobody knows whether it went out: it did (SENT),
// it did not and is given up (FAILED), or it is sent again (RESEND), which may be a duplicate and is marked as one.
// Blocks on the database; throws the pg:: errors. Thread-safe.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/adapters/held_store.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr int held_list_max = 500;
inline constexpr int held_list_default = 100;
inline constexpr std::size_t resolve_note_chars_max = 300;

enum class ResolveAs { SENT, FAILED, RESEND };

struct Resolution {
  std::string message_id;
  ResolveAs as{};
  std::string note;   // for the log; addresses, numbers and keys in it are hidden
  std::string actor;  // "api:<owner of the key>", "account:<id>"
};

enum class Resolved {
  DONE,
  NOT_HELD,  // it is on its way: waiting, or being called
  EXPIRED,   // RESEND: too late, it would never be called
  UNKNOWN    // not pending here: never seen, or it has its final state
};

struct ResolveParts {
  const Roster& roster;
  const ProviderBoard& board;
  pg::Pool& pool;
  bus::Bus& bus;
  const Clock& clock;
  std::function<void(ProviderIndex)> has_work;  // a message waits there now
};

class ResolveMessage {
 public:
  explicit ResolveMessage(ResolveParts parts) : parts_(std::move(parts)) {}
  Resolved resolve(const Resolution& resolution);

  struct HeldList {
    std::vector<held_store::Held> messages;  // the oldest first
    std::int64_t total = 0;
  };
  HeldList held(int messages_max);

 private:
  std::string chosen_provider(events::Channel channel, UtcTime now) const;
  // What is not DONE leaves everything as it is. `waits_at`: where a message waits now.
  struct Change {
    Resolved resolved = Resolved::NOT_HELD;
    ProviderIndex waits_at = unknown_provider;
  };
  Change change(pg::Transaction& tx, bus::Outbox& out, const Resolution& resolution, UtcTime now);
  Change send_again(pg::Transaction& tx, bus::Outbox& out, const Resolution& resolution, std::string_view note,
                    UtcTime now);

  ResolveParts parts_;
};

}  // namespace carillon::dispatcher
