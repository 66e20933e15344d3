#include "provisioning/app/converse.hpp"

#include <algorithm>

#include "postgres/errors.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/onboarding_events.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "security/digest.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"
#include "values/opt_out.hpp"

namespace carillon::provisioning {
namespace {

using Kind = InboundResult::Kind;

constexpr int conflict_tries_max = 3;
constexpr std::chrono::hours rate_window{1};
constexpr const char* body_purpose = "onboarding message";

// Keys are their caller's. No sid of Twilio's looks like it.
std::string sid_of_key(const Inbound& message) {
  return "key:" + security::hex(security::sha256(message.actor + "\n" + message.idempotency_key));
}

std::string body_of(const Inbound& message) {
  return message.sender + "\n" + message.text;
}

// A client that was made by a checkout, or before there was this conversation, begins it now.
bool never_began(const Client& client) {
  return client.onboarding_state.empty();
}

OnboardingState state_of_conversation(const Client& client) {
  return find_onboarding_state(client.onboarding_state).value_or(OnboardingState::S1_BUSINESS_TYPE_LOCATION);
}

OnboardingFacts facts_of(const Client& client, const std::string& payment_link_url) {
  OnboardingFacts facts;
  facts.payment_active = client.payment_active;
  facts.twilio_number = client.twilio_number;
  facts.phone_type = find_phone_type(client.phone_type);
  facts.payment_link = payment_link_of(payment_link_url, client.id);
  return facts;
}

// True when it changes something.
bool apply(const Turn& turn, Client& client) {
  const Client before = client;
  const auto set = [](std::string& field, const std::optional<std::string>& answer) {
    if (answer) field = *answer;
  };
  set(client.business_type, turn.answers.business_type);
  set(client.location, turn.answers.location);
  set(client.business_name, turn.answers.business_name);
  set(client.owner_name, turn.answers.owner_name);
  set(client.notification_preference, turn.answers.notification_preference);
  if (turn.answers.phone_type) client.phone_type = name(*turn.answers.phone_type);
  client.onboarding_state = name(turn.next);
  return !(client == before);
}

}  // namespace

const char* name(InboundResult::Kind kind) {
  switch (kind) {
    case Kind::ANSWERED:
      return "ANSWERED";
    case Kind::STOPPED:
      return "STOPPED";
    case Kind::DELIVERED_BEFORE:
      return "DELIVERED_BEFORE";
    case Kind::KEY_REUSED:
      return "KEY_REUSED";
    case Kind::TO_CLIENT:
      return "TO_CLIENT";
    case Kind::NOBODYS:
      return "NOBODYS";
    case Kind::TOO_MANY_MESSAGES:
      return "TOO_MANY_MESSAGES";
    case Kind::TOO_MANY_NEW_CLIENTS:
      return "TOO_MANY_NEW_CLIENTS";
    default:
      return "TEST_CALL";
  }
}

struct Converse::Work {
  pg::Transaction& tx;
  UtcTime now{};
  bus::Outbox out{};
  PoolLog log{};
  std::string sid{}, sender_hash{};
  bool has_key = false;  // its answer is kept
  bool pool_changed = false;
  std::vector<AllocationReason> allocations{};
};

Converse::Converse(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, const Clock& clock,
                   PoolMetrics& metrics, ConversationRules rules, std::function<void()> pool_changed)
    : pool_(pool),
      bus_(bus),
      sealer_(sealer),
      clock_(clock),
      metrics_(metrics),
      rules_(std::move(rules)),
      pool_changed_(std::move(pool_changed)) {}

InboundResult Converse::in_transaction(const std::function<InboundResult(Work&)>& work) {
  for (int attempt = 1;; ++attempt) {
    try {
      auto connection = pool_.take();
      pg::Transaction tx(*connection);
      Work parts{tx, clock_.now()};
      InboundResult result = work(parts);
      if (result.kind == Kind::DELIVERED_BEFORE || result.kind == Kind::KEY_REUSED) return result;
      if (!parts.sid.empty()) settle(parts, result);
      failpoint("provisioning.converse.before_commit");
      bus_.commit(parts.out, tx);
      bus_.wake(parts.out);
      parts.log.write();
      for (const AllocationReason reason : parts.allocations) metrics_.allocated(reason);
      if (parts.pool_changed) pool_changed_();
      return result;
    } catch (const pg::Conflict&) {
      if (attempt == conflict_tries_max) throw;
    }
  }
}

// A message that was over a limit may come again with its key.
void Converse::settle(Work& work, const InboundResult& result) {
  const bool is_limited = result.kind == Kind::TOO_MANY_MESSAGES || result.kind == Kind::TOO_MANY_NEW_CLIENTS;
  pg::Params params;
  params.add(work.sid).add(result.client_id).add(name(result.kind));
  params.add(work.has_key && is_limited ? new_uuid(work.now) : work.sid);
  params.add(work.has_key ? result.reply : "").add(work.has_key ? result.state : "");
  work.tx.run(provisioning_sql::settle_inbound_message, params);
}

// Notes it, with the sender's other messages held back; false when it was handled before.
bool Converse::is_new(Work& work, const Inbound& inbound, const char* kind) {
  work.sender_hash = sealer_.reference(inbound.sender);
  work.tx.run(provisioning_sql::lock_sender, pg::Params().add(work.sender_hash));
  work.now = clock_.now();
  work.has_key = !inbound.idempotency_key.empty();
  work.sid = work.has_key ? sid_of_key(inbound) : inbound.sid.empty() ? new_uuid(work.now) : inbound.sid;
  pg::Params params;
  params.add(work.sid).add(kind).add(work.sender_hash).add(work.now);
  work.has_key ? params.add_bytes(sealer_.sign(body_purpose, body_of(inbound))) : params.add_null();
  return !work.tx.run(provisioning_sql::note_inbound_message, params).empty();
}

// Its row was committed by now: whoever inserts the same waits for that.
InboundResult Converse::answered_before(Work& work, const Inbound& message) {
  if (!work.has_key) return {Kind::DELIVERED_BEFORE, {}, {}, {}};
  const auto rows = work.tx.run(provisioning_sql::find_inbound_answer, pg::Params().add(work.sid));
  if (rows.empty()) throw pg::Conflict("what the key was used for has gone in between");
  if (!sealer_.is_signed(body_purpose, body_of(message), pg::from_bytea(rows[0][3].c_str())))
    return {Kind::KEY_REUSED, {}, {}, {}};
  return {Kind::DELIVERED_BEFORE, rows[0][0].c_str(), rows[0][1].c_str(), rows[0][2].c_str()};
}

InboundResult Converse::take_message(const Inbound& message) {
  const char* kind = message.sid.empty() ? "API" : "SMS";
  InboundResult result = in_transaction([&](Work& work) -> InboundResult {
    return is_new(work, message, kind) ? route(work, message) : answered_before(work, message);
  });
  metrics_.came_in(kind, name(result.kind));
  return result;
}

InboundResult Converse::route(Work& work, const Inbound& message) {
  auto client =
      message.dialled.empty() ? std::nullopt : find_client_by_twilio_number(work.tx, message.dialled, Lock::FOR_UPDATE);
  const bool dialled_client = client.has_value();
  if (opt_out_word(message.text) == OptOutWord::STOP) {
    publish_stop(work.out, work.sender_hash, message.actor, work.now, message.traceparent);
    if (!client) client = find_client_by_owner_phone(work.tx, message.sender, Lock::NO);
    return {Kind::STOPPED, client ? client->id : "", {}, client ? client->onboarding_state : ""};
  }
  if (dialled_client && client->owner_phone != message.sender)
    return {Kind::TO_CLIENT, client->id, {}, client->onboarding_state};
  if (!dialled_client && !message.dialled.empty() && is_pool_number(work.tx, message.dialled))
    return {Kind::NOBODYS, {}, {}, {}};
  const auto count = [&](const pg::Query& query, pg::Params params) {
    return work.tx.run(query, params.add(work.now - rate_window))[0][0].as<int>();
  };
  if (rules_.messages_per_hour_max > 0 && count(provisioning_sql::count_inbound_messages,
                                                pg::Params().add(work.sender_hash)) > rules_.messages_per_hour_max) {
    audit_inbound(work.out, "INBOUND_RATE_LIMITED", work.sender_hash, {}, "TOO_MANY_MESSAGES", message.actor, work.now,
                  message.traceparent);
    return {Kind::TOO_MANY_MESSAGES, {}, {}, {}};
  }
  if (!client) client = find_client_by_owner_phone(work.tx, message.sender, Lock::FOR_UPDATE);
  if (client) return take_turn(work, *client, message, !message.sid.empty());
  if (rules_.new_clients_per_hour_max > 0) {
    work.tx.run(provisioning_sql::lock_new_clients);
    if (count(provisioning_sql::count_new_clients, {}) >= rules_.new_clients_per_hour_max) {
      audit_inbound(work.out, "INBOUND_RATE_LIMITED", work.sender_hash, {}, "TOO_MANY_NEW_CLIENTS", message.actor,
                    work.now, message.traceparent);
      return {Kind::TOO_MANY_NEW_CLIENTS, {}, {}, {}};
    }
  }
  return start(work, message);
}

InboundResult Converse::start(Work& work, const Inbound& message) {
  Client client;
  client.id = new_uuid(work.now);
  client.owner_phone = message.sender;
  client.contacts.phone = message.sender;
  client.onboarding_state = name(OnboardingState::S1_BUSINESS_TYPE_LOCATION);
  if (!insert_client(work.tx, work.out, client, work.now, message.traceparent))
    throw pg::Conflict("the sender has become a client in between");
  work.tx.run(provisioning_sql::put_conversation, pg::Params().add(client.id).add("").add(true).add(work.now));
  publish_audit(work.out, {"CLIENT_CREATED", message.actor, "client", client.id, client.id, "OK", "INBOUND_MESSAGE"},
                work.now, message.traceparent);
  const std::string reply = welcome();
  if (!message.sid.empty()) publish_reply(work.out, client, reply, work.sid, work.now, message.traceparent);
  return {Kind::ANSWERED, client.id, reply, client.onboarding_state};
}

Allocation Converse::allocate(Work& work, Client& client, const std::string& actor) {
  const Allocation allocation = allocate_number(work.tx, work.out, work.log, client, actor, work.now);
  work.allocations.push_back(allocation.reason);
  work.pool_changed = true;
  return allocation;
}

InboundResult Converse::take_turn(Work& work, Client& client, const Inbound& message, bool replies) {
  if (never_began(client)) {
    Turn turn;
    turn.kind = Turn::Kind::ADVANCED;
    turn.next = OnboardingState::S1_BUSINESS_TYPE_LOCATION;
    turn.reply = welcome();
    keep(work, client, turn.next, turn, message);
    if (replies) publish_reply(work.out, client, turn.reply, work.sid, work.now, message.traceparent);
    return {Kind::ANSWERED, client.id, turn.reply, client.onboarding_state};
  }
  const auto rows = work.tx.run(provisioning_sql::find_conversation, pg::Params().add(client.id));
  const OnboardingState from = state_of_conversation(client);
  const Conversation conversation{from, rows.empty() ? "" : rows[0][0].c_str()};
  OnboardingFacts facts = facts_of(client, rules_.payment_link_url);
  Turn turn = take_answer(conversation, facts, message.text);
  if (turn.kind == Turn::Kind::ALLOCATE) {
    facts.allocation = allocate(work, client, message.actor).reason;
    facts.twilio_number = client.twilio_number;
    turn = take_answer(conversation, facts, message.text);
  }
  keep(work, client, from, turn, message);
  if (replies) publish_reply(work.out, client, turn.reply, work.sid, work.now, message.traceparent);
  return {Kind::ANSWERED, client.id, turn.reply, client.onboarding_state};
}

void Converse::keep(Work& work, Client& client, OnboardingState from, const Turn& turn, const Inbound& inbound) {
  const bool moved = apply(turn, client);
  if (turn.reason == TurnReason::ONBOARDING_BLOCKED_NO_TWILIO_NUMBER)
    work.log.add({.event = name(turn.reason),
                  .client_id = client.id,
                  .owner_phone = client.owner_phone,
                  .at = work.now,
                  .current_state = name(from),
                  .next_state = name(static_cast<OnboardingState>(static_cast<int>(from) + 1))});
  if (turn.reason == TurnReason::PAYMENT_REQUIRED || turn.reason == TurnReason::POOL_EMPTY_DURING_ONBOARDING)
    work.log.add(
        {.event = name(turn.reason), .client_id = client.id, .owner_phone = client.owner_phone, .at = work.now});
  if (turn.allocate_afterwards && allocate(work, client, inbound.actor).reason == AllocationReason::POOL_EMPTY)
    work.log.add({.event = name(TurnReason::POOL_EMPTY_DURING_ONBOARDING),
                  .client_id = client.id,
                  .owner_phone = client.owner_phone,
                  .at = work.now});
  const bool was_given = std::ranges::find(work.allocations, AllocationReason::ALLOCATED) != work.allocations.end();
  if (moved || was_given) update_client(work.tx, work.out, client, work.now, inbound.traceparent);
  work.tx.run(provisioning_sql::put_conversation,
              pg::Params().add(client.id).add(turn.refused_answer).add(false).add(work.now));
  audit_turn(work.out, client, from, turn, inbound.actor, work.now, inbound.traceparent);
}

InboundResult Converse::take_call(const Inbound& call) {
  InboundResult result = in_transaction([&](Work& work) -> InboundResult {
    if (!is_new(work, call, "CALL")) return {Kind::DELIVERED_BEFORE, {}, {}, {}};
    auto client = find_client_by_twilio_number(work.tx, call.dialled, Lock::FOR_UPDATE);
    if (!client) return {Kind::NOBODYS, {}, {}, {}};
    const OnboardingState from = state_of_conversation(*client);
    const Turn turn = provisioning::take_call({from, {}}, facts_of(*client, rules_.payment_link_url));
    if (turn.kind != Turn::Kind::ADVANCED) return {Kind::TO_CLIENT, client->id, {}, client->onboarding_state};
    keep(work, *client, from, turn, call);
    if (!client->owner_phone.empty())
      publish_reply(work.out, *client, turn.reply, work.sid, work.now, call.traceparent);
    return {Kind::TEST_CALL, client->id, turn.reply, client->onboarding_state};
  });
  metrics_.came_in("CALL", name(result.kind));
  return result;
}

void Converse::go_on(const std::string& client_id) {
  const InboundResult nothing_done{Kind::DELIVERED_BEFORE, {}, {}, {}};
  in_transaction([&](Work& work) -> InboundResult {
    auto client = find_client(work.tx, client_id, Lock::FOR_UPDATE);
    const bool over = !client || client->deleted || !client->payment_active || !client->twilio_number.empty();
    if (over) {
      work.tx.run(provisioning_sql::stop_waiting_for_number, pg::Params().add(client_id));
      return {Kind::NOBODYS, {}, {}, {}};
    }
    const std::string actor(event_source);
    if (allocate(work, *client, actor).reason != AllocationReason::ALLOCATED) return nothing_done;
    const auto rows = work.tx.run(provisioning_sql::find_conversation, pg::Params().add(client->id));
    const OnboardingState from = state_of_conversation(*client);
    const Conversation conversation{from, rows.empty() ? "" : rows[0][0].c_str()};
    if (conversation.refused_answer.empty()) {  // an operator asked for the number
      update_client(work.tx, work.out, *client, work.now);
      return {};
    }
    const Turn turn = take_answer(conversation, facts_of(*client, rules_.payment_link_url), "READY");
    keep(work, *client, from, turn, {{}, {}, {}, {}, actor, {}});
    if (!client->owner_phone.empty())
      publish_reply(work.out, *client, turn.reply, "number/" + client->id + "/" + std::to_string(client->version),
                    work.now, {});
    return {};
  });
}

}  // namespace carillon::provisioning
