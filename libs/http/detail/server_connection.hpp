// One connection of a Server and what the connections of a server share. All of a connection happens on its loop's
// thread.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "http/detail/loop.hpp"
#include "http/detail/request_parser.hpp"
#include "http/detail/worker_pool.hpp"
#include "http/detail/write_queue.hpp"
#include "http/server.hpp"
#include "http/stream.hpp"

namespace carillon::http::detail {

using Tcp = asio::ip::tcp;

inline constexpr std::size_t pipelined_requests_max = 32;     // unanswered ones of a connection; then it is not read
inline constexpr std::size_t unsent_bytes_max = 1024 * 1024;  // of a connection; then it is not read
inline constexpr std::size_t read_buffer_bytes = 8 * 1024;    // grows up to header_bytes_max
inline constexpr std::size_t discarded_bytes_max = 8 * 1024 * 1024;  // read after a refusal, so that it arrives
inline constexpr std::chrono::milliseconds discard_timeout{2'000};
inline constexpr std::size_t refused_connections_max = 64;  // told 503 at once; more are closed without a word

// Outlives the connections that are not closed.
struct ServerShared {
  ServerShared(ServerSettings s, Router r, ServerHooks h);
  void connection_closed();

  const ServerSettings settings;
  const Router router;
  const ServerHooks hooks;
  WorkerPool workers;
  const LargeBodies large_bodies;
  std::atomic<bool> draining{false};
  std::atomic<std::size_t> open_connections{0};
  std::atomic<std::size_t> streams{0};
  std::mutex mutex;
  std::condition_variable none_open;
};

class ServerConnection;

// The connections of one server on one loop.
class ServerLoop final : public Sweeper {
 public:
  ServerLoop(Loop& on, ServerShared& server) : loop(on), shared(&server) {}
  void adopt(Tcp::socket socket);  // counted in open_connections already
  void forget(ServerConnection& connection);
  void drain();      // closes what is idle
  void close_all();  // and takes no more
  void sweep(SteadyTime now) override;

  Loop& loop;
  ServerShared* shared;  // nullptr after close_all()

 private:
  std::vector<std::shared_ptr<ServerConnection>> copy() const;
  std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections_;
};

class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
 public:
  ServerConnection(Tcp::socket socket, ServerLoop& home);
  void start();
  void refuse();                                           // 503 and close
  void complete(std::uint64_t serial, Response response);  // ignored when it comes too late or twice
  void sweep(SteadyTime now);
  void drain();
  void close();
  void guard_answered(std::optional<Response> refusal, const Route* route);  // to ask_guard()

 private:
  // What is waited for from the other end; STREAMING: only that it goes.
  enum class Stage { FRESH, IDLE, HEADER, BODY, STREAMING, DISCARDING, CLOSED };
  struct Slot {  // a request not yet answered, in order of arrival
    std::shared_ptr<Request> request;
    const Route* route = nullptr;
    SteadyTime started;
    bool keep_alive = false;
    bool http_1_0 = false;
    bool ready = false;
    Response response;
  };

  void read();
  void on_read(const ErrorCode& error, std::size_t bytes);
  void advance();  // parse, answer, write, read on
  bool may_parse() const;
  void parse_available();
  void make_room();
  void parse_failed(const ErrorCode& error);
  void refuse_request(Response response, const Route* route = nullptr);  // ends the connection: its rest is not read
  void ask_guard();
  void admitted(std::optional<Response> refusal, const Route* route);
  void dispatch();
  std::optional<Response> answer_without_handler(RequestParser& parsed, const Route*& route) const;
  void call_handler(Slot& slot, std::uint64_t serial);
  void call_async(Slot& slot, std::uint64_t serial);
  Reply reply_to(std::uint64_t serial);
  void send_ready();
  void send_answer(Slot& slot, bool keep_alive);
  bool may_stream(Slot& slot);  // false: it is answered as something else
  void begin_stream(std::shared_ptr<Stream> stream);
  void send_on_stream(std::string bytes);
  void sweep_stream(SteadyTime now);
  void end_stream();
  void write();
  void finish();  // all is written and nothing more will be answered
  void enter(Stage stage);

  Tcp::socket socket_;
  ServerLoop& home_;
  ServerShared* shared_;  // not to be touched once CLOSED
  std::string peer_;
  Stage stage_ = Stage::FRESH;
  SteadyTime now_;  // time of the event being handled
  SteadyTime stage_since_;
  SteadyTime blocked_since_;  // of the write being waited for
  SteadyTime heard_of_us_;    // when a stream was last written to
  std::shared_ptr<Stream> stream_;

  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // unparsed bytes: [begin_, end_)
  std::size_t end_ = 0;
  std::optional<RequestParser> parser_;
  std::deque<Slot> slots_;
  std::uint64_t first_serial_ = 0;  // of slots_.front()
  WriteQueue out_;
  std::size_t discarded_bytes_ = 0;

  bool reading_ = false;
  bool write_blocked_ = false;
  bool read_closed_ = false;  // the other end has sent all it will
  bool parse_ended_ = false;  // no further request is taken
  bool closing_ = false;      // the last answer is in out_
  bool failed_ = false;       // that answer refuses what was not read to its end
  bool continue_sent_ = false;
  bool starved_ = false;  // the parser needs more bytes
  bool asking_ = false;   // a large body waits for its route's guard
  bool busy_ = false;     // inside advance()
};

Response run_route(const ServerShared& shared, const Route& route, Request& request);
Response answer_to_exception(const ServerShared& shared, const Request& request);  // inside a catch clause

}  // namespace carillon::http::detail
