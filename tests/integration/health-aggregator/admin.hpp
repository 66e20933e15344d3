// Somebody who is signed in, as the pages see them.
#pragma once
#include "integration/signed_in.hpp"
#include "world.hpp"

namespace carillon::health::testing {

class Person {
 public:
  Person(World& world, RunningService& running, security::Role role)
      : running_(running), signed_in_(world.owner(), running.sealer(), world.clock.now(), role) {}

  http::Response get(const std::string& target) const {
    return running_.call(http::Method::GET, target, signed_in_.headers());
  }
  http::Response post(const std::string& target, http::Fields fields, bool with_csrf = true) const {
    return running_.call(http::Method::POST, target, signed_in_.headers(),
                         signed_in_.form(std::move(fields), with_csrf));
  }
  const std::string& account_id() const { return signed_in_.account_id; }

 private:
  RunningService& running_;
  carillon::testing::SignedIn signed_in_;
};

inline std::string location(const http::Response& response) {
  return std::string(http::field(response.headers, "Location"));
}

inline bool holds(const http::Response& response, std::string_view text) {
  return response.body.find(text) != std::string::npos;
}

// Where a page's link with this text leads; "" without one.
inline std::string link_called(const http::Response& page, const std::string& text) {
  const auto at = page.body.find(">" + text + "</a>");
  if (at == std::string::npos) return "";
  const auto begin = page.body.rfind("href=\"", at) + std::string_view("href=\"").size();
  std::string link = page.body.substr(begin, page.body.find('"', begin) - begin);
  for (auto found = link.find("&amp;"); found != std::string::npos; found = link.find("&amp;"))
    link.replace(found, 5, "&");
  return link;
}

}  // namespace carillon::health::testing
