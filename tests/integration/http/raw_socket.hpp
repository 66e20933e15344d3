// Plain blocking sockets for tests that need to see or send exact bytes. Every wait is limited; a wait that runs out
// ends in std::runtime_error.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace carillon::http::testing {

class RawSocket {
 public:
  explicit RawSocket(int descriptor) : descriptor_(descriptor) {}
  static RawSocket connect_to(int port);
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept;
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  RawSocket& operator=(RawSocket&&) = delete;

  bool send(std::string_view bytes) const;        // false: the other end is gone
  std::string read_some() const;                  // "" = the end
  std::string read_until(std::string_view mark);  // up to and with the mark, or all there was
  std::string read_answer();                      // head and body of one answer with Content-Length
  std::string read_to_end();                      // a reset counts as the end
  void shutdown_send() const;
  void close();
  void reset();  // closes with RST
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::string rest_;
};

// Accepts on a free port of 127.0.0.1 and hands every connection, in turn, to `serve`, on one thread.
class RawServer {
 public:
  explicit RawServer(std::function<void(RawSocket&)> serve);
  ~RawServer();
  int port() const { return port_; }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }

 private:
  int listener_;
  int port_ = 0;
  std::thread thread_;
};

int status_of(std::string_view answer);

}  // namespace carillon::http::testing
