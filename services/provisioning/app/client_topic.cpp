#include "provisioning/app/client_topic.hpp"

#include <condition_variable>
#include <map>
#include <mutex>

#include "events/cloud_events.hpp"
#include "postgres/errors.hpp"
#include "provisioning/app/client_rows.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning/core/client_change.hpp"
#include "provisioning_sql.hpp"
#include "service/log.hpp"

namespace carillon::provisioning {
namespace {

constexpr int republished_at_once_max = 500;
constexpr std::size_t adopted_at_once_max = 1'000;
constexpr std::chrono::seconds read_limit{30};
constexpr std::chrono::milliseconds look_interval{20};

using States = std::map<std::string, events::ClientState>;

// The latest state of each client in the topic.
States read_topic(bus::Bus& bus) {
  std::mutex mutex;
  std::condition_variable changed;
  States latest;
  auto reader = bus.broadcast(bus::topics::client_state, [&](const bus::Received& received) {
    auto event = events::read_cloud_event(received.record.headers, received.record.value);
    auto state = event ? events::from_json<events::ClientState>(event->data) : event.error();
    const std::lock_guard lock(mutex);
    if (!state || !is_client_id(state->client_id) || state->version < 1) {
      log::warn("CLIENT_STATE_UNREADABLE", {{"partition", received.partition}, {"seq", received.seq}});
      return;
    }
    events::ClientState& known = latest[state->client_id];
    if (known.version <= state->version) known = std::move(*state);
  });
  reader->start();
  std::unique_lock lock(mutex);
  const auto deadline = std::chrono::steady_clock::now() + read_limit;
  while (!reader->caught_up() && std::chrono::steady_clock::now() < deadline) changed.wait_for(lock, look_interval);
  const bool complete = reader->caught_up();
  lock.unlock();
  reader->stop();
  if (!complete) throw pg::Unavailable("client.state.v1 could not be read to its end in time");
  return latest;
}

// What cannot be in the table falls back to what it is when nothing is known.
Client client_of_state(const events::ClientState& state, UtcTime now) {
  Client client;
  client.id = state.client_id;
  client.version = state.version;
  client.deleted = state.deleted;
  client.created_at = client.updated_at = now;
  if (state.onboarding_status == provisioned) client.onboarding_status = provisioned;
  if (state.plan == "SOLO" || state.plan == "PORTFOLIO" || state.plan == "PRO") client.plan = state.plan;
  client.subscription_status = state.subscription_status;
  client.entitlements = state.entitlements;
  client.contacts = state.contacts.value_or(events::Contacts{});
  client.sms_enabled = state.sms_enabled;
  client.business_name = state.business_name;
  client.owner_name = state.owner_name;
  client.twilio_number = state.twilio_number;
  client.time_zone = state.time_zone;
  client.locale = state.locale;
  return client;
}

bool is_empty(bus::Bus& bus) {
  for (int partition = 0; partition < bus.partitions(); ++partition)
    if (!bus.peek(bus::topics::client_state, partition, 0, 1).empty()) return false;
  return true;
}

bool has_clients(pg::Connection& connection) {
  return connection.run(provisioning_sql::has_clients)[0][0].as<bool>();
}

}  // namespace

int republish_clients(pg::Connection& connection, bus::Bus& bus, UtcTime now) {
  int published = 0;
  std::string after;
  while (true) {
    pg::Transaction tx(connection);
    const auto rows =
        tx.run(provisioning_sql::lock_clients_after, pg::Params().add(after).add(republished_at_once_max));
    if (rows.empty()) return published;
    bus::Outbox out;
    for (const auto& row : rows) {
      const Client client = client_of(row);
      publish_state(out, client, now);
      after = client.id;
      ++published;
    }
    bus.commit(out, tx);
    bus.wake(out);
  }
}

int adopt_published_clients(pg::Connection& connection, bus::Bus& bus, UtcTime now) {
  const States states = read_topic(bus);
  if (states.empty()) return 0;
  pg::Transaction tx(connection);
  tx.run(provisioning_sql::lock_client_topic);
  if (tx.run(provisioning_sql::has_clients)[0][0].as<bool>()) return 0;
  int adopted = 0;
  std::vector<Client> clients;
  const auto write = [&] {
    if (clients.empty()) return;
    adopted += static_cast<int>(tx.run(provisioning_sql::insert_clients, columns_of(clients)).size());
    clients.clear();
  };
  for (const auto& [id, state] : states) {
    clients.push_back(client_of_state(state, now));
    if (clients.size() == adopted_at_once_max) write();
  }
  write();
  tx.commit();
  return adopted;
}

void ClientTopic::settle() {
  if (settled_) return;
  const UtcTime now = clock_.now();
  if (!has_clients(connection_)) {
    const int adopted = is_empty(bus_) ? 0 : adopt_published_clients(connection_, bus_, now);
    if (adopted > 0) log::info("CLIENTS_ADOPTED", {{"clients", adopted}});
  } else if (is_empty(bus_)) {
    const int published = republish_clients(connection_, bus_, now);
    log::info("CLIENT_STATE_REBUILT", {{"clients", published}});
  }
  settled_ = true;
}

}  // namespace carillon::provisioning
