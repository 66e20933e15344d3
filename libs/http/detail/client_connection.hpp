// The client's side: one Origin per scheme, host and port with its connections and waiting calls. All of an origin
// happens on one loop's thread.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "http/client.hpp"
#include "http/detail/answer_parser.hpp"
#include "http/detail/loop.hpp"
#include "http/detail/write_queue.hpp"

namespace carillon::http::detail {

using Tcp = asio::ip::tcp;

inline constexpr std::chrono::seconds addresses_kept{30};     // of an origin, before its name is looked up again
inline constexpr std::size_t answer_buffer_bytes = 8 * 1024;  // grows up to answer_header_bytes_max
inline constexpr std::size_t answer_header_bytes_max = 64 * 1024;

struct OriginName {
  bool tls = false;
  std::string host;  // without brackets
  std::string port;
  bool public_only = false;  // connections of both kinds are never mixed
  std::string text() const { return (tls ? "https://" : "http://") + host + ":" + port; }
  std::string key() const { return (public_only ? "public " : "") + text(); }
};

// A call that has not been answered yet.
struct Pending {
  OriginName origin;
  std::string request;     // head, and the body when it is small
  std::string body;        // large body
  bool head_only = false;  // HEAD: the answer has no body
  bool put_back = false;   // had met a connection that was closed at that moment
  SteadyTime started;
  SteadyTime deadline;
  std::chrono::milliseconds connect_timeout{};
  std::size_t answer_bytes_max = 0;
  std::function<void(Answer)> done;
};

// Checks URL and headers and writes the request; a text that says what is wrong, or "".
std::string prepare(Call&& call, Pending& pending);

void finish(std::unique_ptr<Pending> pending, Answer answer);  // sets `took`, calls done

class ClientConnection;

struct Origin {
  OriginName name;
  std::unordered_set<std::shared_ptr<ClientConnection>> connections;  // all of them
  std::vector<std::shared_ptr<ClientConnection>> idle;                // the one used last at the back
  std::deque<std::unique_ptr<Pending>> waiting;
  std::vector<Tcp::endpoint> addresses;
  SteadyTime addresses_since;
  bool resolving = false;
  std::vector<std::weak_ptr<ClientConnection>> want_addresses;
};

class ClientLoop final : public Sweeper, public std::enable_shared_from_this<ClientLoop> {
 public:
  ClientLoop(Loop& on, ClientSettings settings, std::shared_ptr<asio::ssl::context> certificates);
  void start(std::unique_ptr<Pending> pending);
  void cancel_all();  // and takes no more
  void sweep(SteadyTime now) override;

  // For ClientConnection:
  void released(Origin& origin, std::shared_ptr<ClientConnection> connection);  // is idle
  void forget(Origin& origin, const std::shared_ptr<ClientConnection>& connection);
  void put_back(Origin& origin, std::unique_ptr<Pending> pending);
  void want_addresses(Origin& origin, const std::shared_ptr<ClientConnection>& connection);

  Loop& loop;
  const ClientSettings settings;
  const std::shared_ptr<asio::ssl::context> certificates;

 private:
  bool use_idle(Origin& origin, std::unique_ptr<Pending>& pending);
  void open_for_waiting(Origin& origin);
  void resolved(const std::string& key, const boost::system::error_code& error, Tcp::resolver::results_type results);
  void expire_waiting(Origin& origin, SteadyTime now, std::vector<std::unique_ptr<Pending>>& expired);

  std::unordered_map<std::string, std::unique_ptr<Origin>> origins_;
  Tcp::resolver resolver_;
  bool closed_ = false;
};

// Has a call from the start and until it is released; afterwards it waits in Origin::idle with a read pending.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  ClientConnection(ClientLoop& home, Origin& origin);
  void open(std::unique_ptr<Pending> pending);
  void send(std::unique_ptr<Pending> pending);  // on an idle connection
  bool is_reusable(SteadyTime now);             // the other end has not closed it and it is not too old
  void addresses_ready(const boost::system::error_code& error);
  void fail(CallError error, std::string detail);  // ends call and connection
  void close();                                    // without a call
  void cancel();
  void wait_idle() { read(); }  // so that the end of the connection is noticed
  void sweep(SteadyTime now);

 private:
  enum class Stage { OPENING, BUSY, IDLE, CLOSED };

  void connect(std::size_t address);
  void connected();
  void shake_hands();
  void write();
  void write_tls();
  void read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void on_end(const boost::system::error_code& error);
  void parse();
  void answered();
  Progress progress() const { return sent_some_ ? Progress::MAYBE_SENT : Progress::NOT_SENT; }

  ClientLoop& home_;  // not to be touched once CLOSED, like origin_
  Origin& origin_;
  Tcp::socket socket_;
  std::unique_ptr<asio::ssl::stream<Tcp::socket&>> tls_;
  Stage stage_ = Stage::OPENING;
  bool shaking_hands_ = false;
  std::unique_ptr<Pending> call_;  // not null while OPENING or BUSY
  SteadyTime open_deadline_;
  SteadyTime idle_since_;
  std::vector<Tcp::endpoint> addresses_;

  WriteQueue out_;  // plain
  std::string tls_out_;
  bool writing_ = false;    // an asynchronous write is under way
  bool sent_some_ = false;  // of this call
  bool unusable_ = false;   // for another call
  bool reused_ = false;
  bool reading_ = false;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // unparsed bytes: [begin_, end_)
  std::size_t end_ = 0;
  std::optional<AnswerParser> parser_;
};

}  // namespace carillon::http::detail
