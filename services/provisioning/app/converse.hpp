// One message or call that came in, from finding its client to the reply: one transaction, in which also the state
// moves, numbers are given and audit entries are written.
//
// A message's client is found by the dialled number alone, when that is a client's; only its owner moves the
// conversation there. Otherwise (the platform's own number) it is the sender's. Messages of one sender are handled one
// after the other, and each sid once; by the API each key of a caller once.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable; pg::Conflict after some tries.
#pragma once
#include <functional>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/pool_metrics.hpp"
#include "provisioning/app/pool_numbers.hpp"
#include "provisioning/core/onboarding.hpp"
#include "security/seal.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

struct ConversationRules {
  std::string payment_link_url;      // "": not configured
  int new_clients_per_hour_max = 0;  // that messages of unknown senders make; 0: no limit
  int messages_per_hour_max = 0;     // of one sender that are answered; 0: no limit
};

struct Inbound {
  std::string sid;      // Twilio's; "" from the API, where each message counts
  std::string sender;   // E.164
  std::string dialled;  // E.164; "" from the API
  std::string text;
  std::string actor;
  std::string traceparent;
  std::string idempotency_key = {};  // of the API; "": this message is one of its own
};

struct InboundResult {
  enum class Kind {
    ANSWERED,              // `reply` says what the owner reads
    STOPPED,               // the sender gets no more SMS
    DELIVERED_BEFORE,      // this sid was handled already; of a key with the answer that it got
    KEY_REUSED,            // this key came with another message before
    TO_CLIENT,             // for a client, by somebody else than its owner
    NOBODYS,               // to a number of the pool that is nobody's just now
    TOO_MANY_MESSAGES,     // of this sender
    TOO_MANY_NEW_CLIENTS,  // a client was not made
    TEST_CALL,             // detected: the conversation is complete
  };
  Kind kind = Kind::ANSWERED;
  std::string client_id, reply;
  std::string state;  // of the conversation; "" where there is none
};
const char* name(InboundResult::Kind kind);

class Converse {
 public:
  // `pool_changed` is called when the pool has given a number or was found empty; it must not block.
  Converse(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, const Clock& clock, PoolMetrics& metrics,
           ConversationRules rules, std::function<void()> pool_changed);

  InboundResult take_message(const Inbound& message);
  InboundResult take_call(const Inbound& call);
  // Gives a client that waits for a number one, and goes on with what the gate had refused; nothing while the pool is
  // empty. Who needs none any more waits no longer.
  void go_on(const std::string& client_id);

 private:
  struct Work;
  InboundResult in_transaction(const std::function<InboundResult(Work&)>& work);
  void settle(Work& work, const InboundResult& result);
  bool is_new(Work& work, const Inbound& inbound, const char* kind);
  InboundResult answered_before(Work& work, const Inbound& message);
  InboundResult route(Work& work, const Inbound& message);
  InboundResult start(Work& work, const Inbound& message);
  InboundResult take_turn(Work& work, Client& client, const Inbound& message, bool replies);
  Allocation allocate(Work& work, Client& client, const std::string& actor);
  void keep(Work& work, Client& client, OnboardingState from, const Turn& turn, const Inbound& inbound);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  const Clock& clock_;
  PoolMetrics& metrics_;
  const ConversationRules rules_;
  const std::function<void()> pool_changed_;
};

}  // namespace carillon::provisioning
