// Signs requests for AWS. A line of standard input: {"method", "url", "headers": [[name, value]], "body" in base64,
// "access_key_id", "secret_access_key", "session_token", "region", "service", "now" in RFC 3339}; the answer: the
// headers that the signature added.
#include <iostream>

#include "oracles/json_lines.hpp"
#include "provider-dispatcher/adapters/providers/aws/sigv4.hpp"
#include "security/digest.hpp"

namespace {

using namespace carillon;
using oracle::text;

http::Method method_of(const std::string& name) {
  if (name == "GET") return http::Method::GET;
  if (name == "POST") return http::Method::POST;
  if (name == "PUT") return http::Method::PUT;
  if (name == "DELETE") return http::Method::DELETE_;
  throw std::runtime_error("no method " + name);
}

http::Call call_of(const rapidjson::Value& json) {
  http::Call call;
  call.method = method_of(text(json, "method"));
  call.url = text(json, "url");
  for (const auto& header : json["headers"].GetArray()) {
    call.headers.emplace_back(header[0].GetString(), header[1].GetString());
  }
  bool ok = false;
  call.body = security::from_base64(text(json, "body"), ok);
  if (!ok) throw std::runtime_error("the body is not base64");
  return call;
}

}  // namespace

int main() {
  using namespace dispatcher::aws;
  for (std::string line; std::getline(std::cin, line);) {
    const rapidjson::Document json = oracle::parsed(line);
    http::Call call = call_of(json);
    const std::size_t given = call.headers.size();
    sign(call, {text(json, "access_key_id"), text(json, "secret_access_key"), text(json, "session_token")},
         {text(json, "region"), text(json, "service")}, from_rfc3339(text(json, "now")).value());
    std::cout << oracle::object_of({call.headers.begin() + static_cast<std::ptrdiff_t>(given), call.headers.end()})
              << '\n';
  }
}
