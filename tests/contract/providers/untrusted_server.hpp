// A TLS server whose certificate nobody trusts: signed by itself, for "localhost" and 127.0.0.1.
#pragma once
#include <atomic>
#include <memory>
#include <thread>

namespace carillon::testing {

class UntrustedServer {
 public:
  UntrustedServer();   // listens on a free port of 127.0.0.1; throws std::runtime_error when that fails
  ~UntrustedServer();  // ends its thread
  int port() const { return port_; }
  int connections() const { return connections_; }
  int bytes_read() const { return bytes_read_; }  // of what came through TLS

 private:
  struct Identity;
  void serve();
  void serve_one(int socket);

  const std::unique_ptr<Identity> identity_;
  int listener_ = -1, port_ = 0;
  std::atomic<int> connections_ = 0, bytes_read_ = 0;
  std::thread thread_;
};

}  // namespace carillon::testing
