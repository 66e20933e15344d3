// The otp service on a database of the test's own: real bus, real HTTP, a clock the test moves.
#pragma once
#include <string>
#include <vector>

#include "otp/service.hpp"
#include "support/service_world.hpp"

namespace carillon::otp::testing {

// A code that was given to the pipe.
struct Sent {
  events::SendRequest request;
  std::string recipient, code;
};

OtpSettings test_settings();  // answers at once

class World : public carillon::testing::ServiceWorld {
 public:
  explicit World(OtpSettings settings = test_settings(), int instances = 1);
  ~World();

  http::Answer post(const std::string& path, const std::string& body, http::Fields headers = {}, int instance = 0);
  http::Answer send(const std::string& number, const std::string& action = "PHONE_VERIFY", http::Fields headers = {});
  http::Answer verify(const std::string& number, const std::string& code, const std::string& action = "PHONE_VERIFY");
  // As ServiceWorld::at_once; all the same.
  std::map<int, int> at_once(int times, const std::string& path, const std::string& body);

  std::vector<Sent> sent();  // so far, oldest first
  std::string last_code();   // of the newest
  std::string wrong_code();  // one that the newest is not

  const std::string key, other_key;  // with the scope otp; without it

 private:
  http::Call call(const std::string& path, const std::string& body, http::Fields headers, int instance) const;
};

std::string send_body(const std::string& number, const std::string& action = "PHONE_VERIFY");
std::string verify_body(const std::string& number, const std::string& code, const std::string& action = "PHONE_VERIFY");

inline constexpr const char* ann = "+447700900789";
inline constexpr const char* bob = "+447700900456";
inline constexpr const char* send_path = "/api/otp/send";
inline constexpr const char* verify_path = "/api/otp/verify";

}  // namespace carillon::otp::testing
