#include "sandbox/adapters/listener.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <stdexcept>
#include <thread>
#include <unordered_set>

namespace carillon::sandbox {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t read_bytes_max = 64 * 1024;
constexpr std::size_t output_bytes_max = 128 * 1024 * 1024;  // an export of all messages fits
constexpr std::chrono::seconds idle_check_every{1};
constexpr int listen_backlog = 1024;

}  // namespace

struct Loop::State {
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::thread thread;
};

Loop::Loop() : state_(new State) {
  state_->thread = std::thread([this] { state_->io.run(); });
}

Loop::~Loop() {
  stop();
}

void Loop::stop() {
  state_->io.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

void Loop::post(std::function<void()> work) {
  asio::post(state_->io, std::move(work));
}

void Loop::run_and_wait(std::function<void()> work) {
  std::promise<void> done;
  post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

namespace {

class Connection final : public Peer, public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(tcp::socket socket) : socket_(std::move(socket)) {}

  void start(const Listener::MakeProtocol& make) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    protocol_ = make(*this);
    protocol_->opened();
    wait_readable();
  }

  void write(std::string bytes) override {
    if (ended_ || closing_ || bytes.empty()) return;
    touched_ = true;
    if (output_.empty()) {
      error_code error;
      const std::size_t written = socket_.write_some(asio::buffer(bytes), error);
      if (error && error != asio::error::would_block) return end();
      if (!error) bytes.erase(0, written);
      if (bytes.empty()) return;
    }
    if (output_.size() + bytes.size() > output_bytes_max) return reset();
    const bool idle = output_.empty();
    output_ += bytes;
    if (idle) wait_writable();
  }

  void close() override {
    closing_ = true;
    if (output_.empty()) finish();
  }

  void reset() override {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    end();
  }

  void after(std::chrono::milliseconds delay, std::function<void()> work) override {
    auto timer = std::make_shared<asio::steady_timer>(socket_.get_executor(), delay);
    timer->async_wait([self = weak_from_this(), timer, work = std::move(work)](const error_code& error) {
      const auto alive = self.lock();
      if (!error && alive && !alive->ended_) work();
    });
  }

  std::function<void()> while_open(std::function<void()> work) override {
    return [self = weak_from_this(), work = std::move(work)] {
      const auto alive = self.lock();
      if (alive && !alive->ended_) work();
    };
  }

  void keep_idle() override { keep_idle_ = true; }

  bool ended() const { return ended_; }

  // Called once a second; ends the connection after `ticks_max` calls without any traffic.
  void tick(int ticks_max) {
    idle_ticks_ = touched_ ? 0 : idle_ticks_ + 1;
    touched_ = false;
    if (idle_ticks_ > ticks_max && !keep_idle_) end();
  }

 private:
  void wait_readable() {
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
      if (!error && !self->ended_) self->read();
    });
  }

  void read() {
    static thread_local std::string buffer(read_bytes_max, '\0');
    error_code error;
    const std::size_t count = socket_.read_some(asio::buffer(buffer), error);
    if (error && error != asio::error::would_block) return end();
    touched_ = true;
    // After close() what still comes is read and dropped, so that the other end gets our answer and not a RST.
    if (count > 0 && !closing_) protocol_->received({buffer.data(), count});
    if (!ended_) wait_readable();
  }

  void wait_writable() {
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
      if (error || self->ended_) return;
      error_code write_error;
      const std::size_t written = self->socket_.write_some(asio::buffer(self->output_), write_error);
      if (write_error && write_error != asio::error::would_block) return self->end();
      self->touched_ = true;
      self->output_.erase(0, write_error ? 0 : written);
      if (!self->output_.empty()) return self->wait_writable();
      if (self->closing_) self->finish();
    });
  }

  void finish() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    keep_idle_ = false;
  }

  void end() {
    if (ended_) return;
    ended_ = true;
    error_code ignored;
    socket_.close(ignored);
  }

  tcp::socket socket_;
  std::unique_ptr<Protocol> protocol_;
  std::string output_;
  bool closing_ = false, ended_ = false, touched_ = true, keep_idle_ = false;
  int idle_ticks_ = 0;
};

}  // namespace

struct Listener::State : std::enable_shared_from_this<Listener::State> {
  State(asio::io_context& context, const ListenerSettings& listener_settings, MakeProtocol make_protocol)
      : io(context),
        acceptor(context),
        idle_timer(context),
        settings(listener_settings),
        make(std::move(make_protocol)) {}

  void listen() {
    error_code error;
    const tcp::endpoint endpoint(asio::ip::make_address(settings.address, error),
                                 static_cast<unsigned short>(settings.port));
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(listen_backlog, error);
    if (error) {
      throw std::runtime_error("can't listen on " + settings.address + ":" + std::to_string(settings.port) + ": " +
                               error.message());
    }
    port = acceptor.local_endpoint().port();
  }

  void accept() {
    acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
      if (!self->acceptor.is_open()) return;
      if (!error && self->connections.size() < self->settings.connections_max) {
        auto connection = std::make_shared<Connection>(std::move(socket));
        self->connections.insert(connection);
        connection->start(self->make);
      }
      if (error) return self->accept_later();
      self->accept();
    });
  }

  // Out of file descriptors, most likely: trying again at once would spin.
  void accept_later() {
    auto timer = std::make_shared<asio::steady_timer>(io, std::chrono::milliseconds{100});
    timer->async_wait([self = shared_from_this(), timer](const error_code& error) {
      if (!error && self->acceptor.is_open()) self->accept();
    });
  }

  void check_idle() {
    idle_timer.expires_after(idle_check_every);
    idle_timer.async_wait([self = shared_from_this()](const error_code& error) {
      if (error) return;
      const int ticks_max = static_cast<int>(self->settings.idle_max / idle_check_every);
      std::erase_if(self->connections, [&](const auto& connection) {
        connection->tick(ticks_max);
        return connection->ended();
      });
      if (self->acceptor.is_open() || !self->connections.empty()) self->check_idle();
    });
  }

  asio::io_context& io;
  tcp::acceptor acceptor;
  asio::steady_timer idle_timer;
  const ListenerSettings settings;
  const MakeProtocol make;
  std::unordered_set<std::shared_ptr<Connection>> connections;  // ended ones leave at the next check
  int port = 0;
};

Listener::Listener(Loop& loop, const ListenerSettings& settings, MakeProtocol make)
    : state_(std::make_shared<State>(loop.state().io, settings, std::move(make))) {
  state_->listen();
  loop.post([state = state_] {
    state->accept();
    state->check_idle();
  });
}

Listener::~Listener() {
  asio::post(state_->io, [state = state_] {
    error_code ignored;
    state->acceptor.close(ignored);
  });
}

int Listener::port() const {
  return state_->port;
}

}  // namespace carillon::sandbox
