// A visitor as the service sees one: keeps cookies, sends forms, reads tokens from pages.
#pragma once
#include <map>
#include <string>

#include "http/client.hpp"
#include "integration/provisioning/world.hpp"
#include "security/accounts.hpp"

namespace carillon::provisioning::testing {

class Browser {
 public:
  explicit Browser(World& world) : world_(world) {}
  http::Answer get(const std::string& path);
  http::Answer post(const std::string& path, const http::Fields& fields, http::Fields headers = {});
  http::Answer log_in(const std::string& email, const std::string& password, const std::string& next = {});
  // Of a page this visitor gets; "" when it holds none.
  std::string csrf_token(const std::string& path);
  std::string cookie() const;  // the session's
  void set_cookie(const std::string& token);

 private:
  http::Answer call(http::Method method, const std::string& path, const std::string& body, http::Fields headers);
  World& world_;
  std::map<std::string, std::string> cookies_;
};

// Makes an account as the service does, and sets its password. Its id.
std::string somebody(World& world, const std::string& email, security::Role role, const std::string& client_id,
                     const std::string& password);
// The path of a new link.
std::string some_link(World& world, const std::string& email, security::LinkPurpose purpose);

}  // namespace carillon::provisioning::testing
