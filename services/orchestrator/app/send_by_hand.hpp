// A message that a person asks for: by hand, or as a test of a template. The request goes on the one topic like any
// other, together with its audit entry in one transaction.
//
// Thread-safe; every call takes a connection from the pool, blocks on the database and throws the pg:: errors.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/edit_templates.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

struct HandMadeMessage {
  std::string template_key, client_id, recipient, locale, reason;
  std::optional<events::JsonObject> variables;  // nullopt: none; of a test the template's samples
  int version = 0;                              // 0: the active one
  std::string idempotency_key;                  // "": it is sent again when it is asked for again
};

struct Accepted {
  std::string message_id;
  std::int32_t message_count = 1;
};

// Failures: TEMPLATE_NOT_FOUND, TEMPLATE_VERSION_NOT_FOUND, TEMPLATE_INACTIVE, TEMPLATE_NOT_FOR_CLIENTS,
// VARIABLES_MISSING, RENDERED_INVALID, INVALID_FIELD ("<field>: …"), IDEMPOTENCY_KEY_REUSED, REQUEST_TOO_LARGE. What
// they don't know of (the client, suppression, providers) gating decides afterwards; the message's status tells.
class SendByHand {
 public:
  SendByHand(const Facts& facts, pg::Pool& pool, bus::Bus& bus, const Clock& clock)
      : facts_(facts), pool_(pool), bus_(bus), clock_(clock) {}

  // Templates for clients only. Audited as ADMIN_MESSAGE_SENT.
  Result<Accepted> send(const HandMadeMessage& message, const Editor& editor);
  // What send() would refuse it for, without sending.
  std::optional<Failure> find_refusal(const HandMadeMessage& message, const Editor& editor);
  // Any template, a version that is not active and one that is switched off too: no gate asks about a client, no rate
  // window is taken, priority NORMAL. ADMIN and OPS templates go to the staff's addresses alone, of which `recipient`
  // may be one; others need a recipient. Audited as TEMPLATE_TEST_SENT.
  Result<Accepted> test(const HandMadeMessage& message, const Editor& editor);

 private:
  struct Draft;
  Result<Draft> sendable(const HandMadeMessage& message, const Editor& editor);
  Result<Draft> draft_of(const HandMadeMessage& message, const Editor& editor, bool test);
  Result<Accepted> store(Draft draft, const HandMadeMessage& message, const Editor& editor, const char* action);

  const Facts& facts_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
