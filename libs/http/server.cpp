#include "http/server.hpp"

#include <fmt/format.h>

#include "http/detail/server_connection.hpp"

namespace carillon::http {
namespace detail {

namespace {

bool has_blocking_route(const Router& router) {
  const auto& routes = router.routes();
  return std::any_of(routes.begin(), routes.end(), [](const Route& route) { return !route.async; });
}

constexpr std::chrono::milliseconds accept_retry_delay{100};

}  // namespace

ServerShared::ServerShared(ServerSettings s, Router r, ServerHooks h)
    : settings(std::move(s)),
      router(std::move(r)),
      hooks(std::move(h)),
      workers(has_blocking_route(router) ? std::max(settings.workers, 1) : 0, settings.work_queue_max),
      large_bodies(settings.large_bodies_max) {}

void ServerShared::connection_closed() {
  const std::lock_guard lock(mutex);
  if (open_connections.fetch_sub(1) == 1) none_open.notify_all();
}

void ServerLoop::adopt(Tcp::socket socket) {
  if (shared == nullptr) return;  // counted, but nobody counts any more
  const std::size_t open = shared->open_connections;
  if (shared->draining || open > shared->settings.connections_max + refused_connections_max) {
    return shared->connection_closed();
  }
  const auto connection = std::make_shared<ServerConnection>(std::move(socket), *this);
  connections_.emplace(connection.get(), connection);
  if (open > shared->settings.connections_max) {
    connection->refuse();
  } else {
    connection->start();
  }
}

void ServerLoop::forget(ServerConnection& connection) {
  if (connections_.erase(&connection) > 0) shared->connection_closed();
}

std::vector<std::shared_ptr<ServerConnection>> ServerLoop::copy() const {
  std::vector<std::shared_ptr<ServerConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [key, connection] : connections_) all.push_back(connection);
  return all;
}

void ServerLoop::drain() {
  for (const auto& connection : copy()) connection->drain();
}

void ServerLoop::close_all() {
  for (const auto& connection : copy()) connection->close();
  shared = nullptr;
}

void ServerLoop::sweep(SteadyTime now) {
  for (const auto& connection : copy()) connection->sweep(now);
}

// Accepts on the first loop and deals the connections out in turn. Lives as long as an accept is pending.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(std::vector<std::shared_ptr<ServerLoop>> homes, const ServerSettings& settings)
      : homes_(std::move(homes)), acceptor_(homes_.front()->loop.io()), retry_(homes_.front()->loop.io()) {
    const std::string where = fmt::format("{}:{}", settings.address, settings.port);
    try {
      const Tcp::endpoint endpoint(asio::ip::make_address(settings.address), static_cast<std::uint16_t>(settings.port));
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(Tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(asio::socket_base::max_listen_connections);
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(fmt::format("can't listen on {}: {}", where, error.code().message()));
    }
  }

  int port() const { return acceptor_.local_endpoint().port(); }

  void close() {
    closed_ = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  }

  void accept() {
    const std::shared_ptr<ServerLoop> home = homes_[next_++ % homes_.size()];
    acceptor_.async_accept(home->loop.io(),
                           [self = shared_from_this(), home](const ErrorCode& error, Tcp::socket socket) {
                             self->on_accept(error, std::move(socket), home);
                           });
  }

 private:
  void on_accept(const ErrorCode& error, Tcp::socket socket, const std::shared_ptr<ServerLoop>& home) {
    if (closed_) return;
    if (error && error != asio::error::connection_aborted) {  // out of descriptors or memory
      retry_.expires_after(accept_retry_delay);
      return retry_.async_wait([self = shared_from_this()](const ErrorCode& cancelled) {
        if (!cancelled && !self->closed_) self->accept();
      });
    }
    if (!error) {
      ++homes_.front()->shared->open_connections;  // not closed_, so the server is there
      if (home->loop.is_current()) {
        home->adopt(std::move(socket));
      } else {
        auto task = make_task([home, accepted = std::move(socket)]() mutable { home->adopt(std::move(accepted)); });
        home->loop.inbox()->submit(task);
      }
    }
    accept();
  }

  std::vector<std::shared_ptr<ServerLoop>> homes_;
  Tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  std::size_t next_ = 0;
  bool closed_ = false;
};

}  // namespace detail

struct Server::State {
  State(Runtime& r, ServerSettings settings, Router router, ServerHooks hooks)
      : runtime(r), shared(std::move(settings), std::move(router), std::move(hooks)) {
    for (const auto& loop : runtime.state().loops) homes.push_back(std::make_shared<detail::ServerLoop>(*loop, shared));
    listener = std::make_shared<detail::Listener>(homes, shared.settings);
    port = listener->port();
  }

  void on_each_loop(const std::function<void(detail::ServerLoop&)>& work) {
    for (const auto& home : homes) home->loop.run_and_wait([&] { work(*home); });
  }

  Runtime& runtime;
  detail::ServerShared shared;
  std::vector<std::shared_ptr<detail::ServerLoop>> homes;  // one per loop
  std::shared_ptr<detail::Listener> listener;
  int port = 0;
  std::once_flag stop_once;
};

Server::Server(Runtime& runtime, ServerSettings settings, Router router, ServerHooks hooks)
    : state_(std::make_shared<State>(runtime, std::move(settings), std::move(router), std::move(hooks))) {
  for (const auto& home : state_->homes) home->loop.add_sweeper(home);
  state_->homes.front()->loop.run_and_wait([&] { state_->listener->accept(); });
}

Server::~Server() {
  stop(std::chrono::milliseconds(0));
}

int Server::port() const {
  return state_->port;
}

void Server::stop(std::chrono::milliseconds grace) {
  std::call_once(state_->stop_once, [&] {
    State& state = *state_;
    state.homes.front()->loop.run_and_wait([&] { state.listener->close(); });
    state.shared.draining = true;
    state.on_each_loop([](detail::ServerLoop& home) { home.drain(); });
    if (!state.runtime.state().stopped) {
      std::unique_lock lock(state.shared.mutex);
      state.shared.none_open.wait_for(lock, grace, [&] { return state.shared.open_connections == 0; });
    }
    state.on_each_loop([](detail::ServerLoop& home) { home.close_all(); });
    state.shared.workers.stop();
  });
}

}  // namespace carillon::http
