// Provisioning on a database of the test's own: real bus, real HTTP, a clock the test moves.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "provisioning/app/client_store.hpp"
#include "provisioning/service.hpp"
#include "support/service_world.hpp"

namespace carillon::provisioning::testing {

inline constexpr const char* public_url = "https://bell.example.com";
inline constexpr std::chrono::seconds long_wait_max{120};  // for what many do one after the other

struct Tables : carillon::testing::ServiceTables {
  Tables();
};

// A mail with a password link that was given to the pipe.
struct WelcomeMail {
  events::SendRequest request;
  std::string recipient, link;
};

class World : public carillon::testing::ServiceWorld {
 public:
  explicit World(ProvisioningSettings settings = {}, int instances = 1, std::string reached_at = public_url);
  ~World();

  http::Answer call(http::Method method, const std::string& path, const std::string& body = {},
                    http::Fields headers = {}, int instance = 0);
  http::Answer get(const std::string& path) { return call(http::Method::GET, path); }
  http::Answer post(const std::string& path, const std::string& body = {}) {
    return call(http::Method::POST, path, body);
  }
  http::Answer put(const std::string& path, const std::string& body, http::Fields headers = {}) {
    return call(http::Method::PUT, path, body, std::move(headers));
  }
  http::Answer patch(const std::string& path, const std::string& body, http::Fields headers = {}) {
    return call(http::Method::PATCH, path, body, std::move(headers));
  }
  // Puts events on billing.events.v1, as billing-ingest does.
  void bill(const std::vector<events::BillingEvent>& events);
  bool wait_longer(const std::function<bool()>& enough) { return wait(enough, long_wait_max); }
  std::vector<WelcomeMail> mails();  // asked for so far, oldest first

  const std::string key, other_key;  // with the scope admin; without it
};

Client some_client(const std::string& id);
events::BillingEvent paid(const std::string& client_id, std::int64_t version = 1);

}  // namespace carillon::provisioning::testing
