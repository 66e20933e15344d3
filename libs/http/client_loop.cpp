// Which connection a call gets, and what waits for one.
#include "http/detail/client_connection.hpp"
#include "http/public_address.hpp"

namespace carillon::http::detail {
namespace {

bool may_connect(const Origin& origin, const Tcp::endpoint& to) {
  return !origin.name.public_only || is_public_address(to.address().to_string());
}

Answer failed(CallError error, std::string detail) {
  Answer answer;
  answer.error = error;
  answer.detail = std::move(detail);
  return answer;
}

}  // namespace

ClientLoop::ClientLoop(Loop& on, ClientSettings s, std::shared_ptr<asio::ssl::context> c)
    : loop(on), settings(std::move(s)), certificates(std::move(c)), resolver_(on.io()) {}

void ClientLoop::start(std::unique_ptr<Pending> pending) {
  if (closed_) return finish(std::move(pending), failed(CallError::CANCELLED, "the client has ended"));
  std::unique_ptr<Origin>& place = origins_[pending->origin.key()];
  if (!place) {
    place = std::make_unique<Origin>();
    place->name = pending->origin;
  }
  Origin& origin = *place;
  if (use_idle(origin, pending)) return;
  if (origin.connections.size() >= settings.connections_per_origin_max &&
      origin.waiting.size() >= settings.waiting_per_origin_max) {
    return finish(std::move(pending),
                  failed(CallError::POOL_EXHAUSTED, "too many calls wait for " + origin.name.text()));
  }
  origin.waiting.push_back(std::move(pending));
  open_for_waiting(origin);
}

bool ClientLoop::use_idle(Origin& origin, std::unique_ptr<Pending>& pending) {
  const auto now = std::chrono::steady_clock::now();
  while (!origin.idle.empty()) {
    const std::shared_ptr<ClientConnection> connection = std::move(origin.idle.back());
    origin.idle.pop_back();
    if (connection->is_reusable(now)) {
      connection->send(std::move(pending));
      return true;
    }
    connection->close();
  }
  return false;
}

void ClientLoop::open_for_waiting(Origin& origin) {
  while (!closed_ && !origin.waiting.empty() && origin.connections.size() < settings.connections_per_origin_max) {
    std::unique_ptr<Pending> pending = std::move(origin.waiting.front());
    origin.waiting.pop_front();
    const auto connection = std::make_shared<ClientConnection>(*this, origin);
    origin.connections.insert(connection);
    connection->open(std::move(pending));
  }
}

void ClientLoop::released(Origin& origin, std::shared_ptr<ClientConnection> connection) {
  origin.idle.push_back(std::move(connection));
  if (origin.waiting.empty()) {
    origin.idle.back()->wait_idle();
    return;
  }
  std::unique_ptr<Pending> next = std::move(origin.waiting.front());
  origin.waiting.pop_front();
  if (use_idle(origin, next)) return;
  origin.waiting.push_front(std::move(next));
  open_for_waiting(origin);
}

void ClientLoop::forget(Origin& origin, const std::shared_ptr<ClientConnection>& connection) {
  origin.connections.erase(connection);
  std::erase(origin.idle, connection);
  open_for_waiting(origin);
}

void ClientLoop::put_back(Origin& origin, std::unique_ptr<Pending> pending) {
  origin.waiting.push_front(std::move(pending));  // close() of the caller opens a connection for it
}

void ClientLoop::want_addresses(Origin& origin, const std::shared_ptr<ClientConnection>& connection) {
  const auto now = std::chrono::steady_clock::now();
  if (origin.addresses.empty() || now - origin.addresses_since > addresses_kept) {
    boost::system::error_code not_an_address;
    const auto address = asio::ip::make_address(origin.name.host, not_an_address);
    if (!not_an_address) {
      origin.addresses = {Tcp::endpoint(address, static_cast<std::uint16_t>(std::stoul(origin.name.port)))};
      std::erase_if(origin.addresses, [&](const Tcp::endpoint& to) { return !may_connect(origin, to); });
      if (origin.addresses.empty()) return connection->addresses_ready({});
      origin.addresses_since = now;
    }
  }
  if (!origin.addresses.empty() && now - origin.addresses_since <= addresses_kept)
    return connection->addresses_ready({});
  origin.want_addresses.push_back(connection);
  if (origin.resolving) return;
  origin.resolving = true;
  resolver_.async_resolve(origin.name.host, origin.name.port, Tcp::resolver::numeric_service,
                          [weak = weak_from_this(), key = origin.name.key()](const boost::system::error_code& error,
                                                                             Tcp::resolver::results_type results) {
                            if (const auto self = weak.lock()) self->resolved(key, error, std::move(results));
                          });
}

void ClientLoop::resolved(const std::string& key, const boost::system::error_code& error,
                          Tcp::resolver::results_type results) {
  const auto found = origins_.find(key);
  if (closed_ || found == origins_.end()) return;
  Origin& origin = *found->second;
  origin.resolving = false;
  origin.addresses.assign(results.begin(), results.end());
  std::erase_if(origin.addresses, [&](const Tcp::endpoint& to) { return !may_connect(origin, to); });
  origin.addresses_since = std::chrono::steady_clock::now();
  const auto waiters = std::exchange(origin.want_addresses, {});
  for (const auto& weak : waiters) {
    if (const auto connection = weak.lock()) connection->addresses_ready(error);
  }
}

void ClientLoop::expire_waiting(Origin& origin, SteadyTime now, std::vector<std::unique_ptr<Pending>>& expired) {
  for (auto& pending : origin.waiting) {
    if (now >= pending->deadline) expired.push_back(std::move(pending));
  }
  std::erase_if(origin.waiting, [](const auto& pending) { return pending == nullptr; });
}

void ClientLoop::sweep(SteadyTime now) {
  std::vector<std::shared_ptr<ClientConnection>> connections;
  std::vector<std::unique_ptr<Pending>> expired;
  for (auto place = origins_.begin(); place != origins_.end();) {
    Origin& origin = *place->second;
    if (origin.connections.empty() && origin.waiting.empty() && !origin.resolving) {
      place = origins_.erase(place);
      continue;
    }
    expire_waiting(origin, now, expired);
    connections.insert(connections.end(), origin.connections.begin(), origin.connections.end());
    ++place;
  }
  // From here on callbacks run, which may call and even end the client; the connections notice that themselves.
  for (const auto& connection : connections) connection->sweep(now);
  for (auto& pending : expired) finish(std::move(pending), failed(CallError::TIMEOUT, "no free connection in time"));
}

void ClientLoop::cancel_all() {
  closed_ = true;
  resolver_.cancel();
  std::vector<std::unique_ptr<Pending>> waiting;
  std::vector<std::shared_ptr<ClientConnection>> connections;
  for (auto& [key, origin] : origins_) {
    for (auto& pending : origin->waiting) waiting.push_back(std::move(pending));
    origin->waiting.clear();
    connections.insert(connections.end(), origin->connections.begin(), origin->connections.end());
  }
  for (const auto& connection : connections) connection->cancel();
  for (auto& pending : waiting) finish(std::move(pending), failed(CallError::CANCELLED, "the client has ended"));
}

}  // namespace carillon::http::detail
