// Somebody with a session, in front of the pipe's first instance: sends forms and JSON with cookie and CSRF token.
#pragma once
#include <string>

#include "integration/orchestrator/pipe.hpp"

namespace carillon::orchestrator::testing {

class SignedIn {
 public:
  SignedIn(Pipe& pipe, security::Role role, const std::string& client_id = {});
  http::Answer get(const std::string& path);
  http::Answer form(const std::string& path, http::Fields fields);
  http::Answer json(const std::string& path, const std::string& body);
  http::Answer json_without_token(const std::string& path, const std::string& body);
  std::string account_id, csrf;

 private:
  http::Answer call(http::Method method, const std::string& path, std::string body, http::Fields headers);
  Pipe& pipe_;
  std::string cookie_;
};

}  // namespace carillon::orchestrator::testing
