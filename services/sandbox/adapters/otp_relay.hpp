// Hands the calls of the page for one-time codes on to Carillon, because a browser may not call another origin. Only
// to the configured address, never to one that a request names. The key that comes with a call is neither kept nor
// logged. Calls with libs/http, on a thread of its own.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/client.hpp"
#include "http/runtime.hpp"
#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/listener.hpp"

namespace carillon::sandbox {

inline constexpr std::string_view otp_relay_path_begin = "/otp/relay/";
inline constexpr int otp_relay_calls_max = 8;                          // at once
inline constexpr std::size_t otp_relay_waiting_max = 32;               // for one of these
inline constexpr std::size_t otp_relay_body_bytes_max = 16 * 1024;     // more: 413
inline constexpr std::size_t otp_relay_answer_bytes_max = 256 * 1024;  // more: 502
inline constexpr std::chrono::milliseconds otp_relay_connect_timeout{3'000};

class OtpRelay {
 public:
  // The loop must outlive it. `carillon_url` without "/" at its end; "": nothing is called.
  OtpRelay(Loop& loop, std::string carillon_url, std::chrono::milliseconds timeout);
  ~OtpRelay();  // calls that run are dropped, and so are their answers
  const std::string& carillon_url() const { return carillon_url_; }
  // POST /otp/relay/{send|verify|redeem} with a JSON body. On the loop's thread.
  Answer relay(const HttpRequest& request);

 private:
  struct Waiting;
  // On the runtime's thread, as is all that touches the client.
  void start(const std::shared_ptr<Waiting>& waiting, const std::function<void()>& go_on);

  Loop& loop_;
  const std::string carillon_url_;
  const std::chrono::milliseconds timeout_;
  std::atomic<bool> closed_{false};
  http::Runtime runtime_;
  std::unique_ptr<http::Client> client_;  // made for the first call: the system's certificates take time to read
};

}  // namespace carillon::sandbox
