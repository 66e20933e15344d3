// The running platform, as the command line reaches it: its HTTP API with CARILLON_URL and CARILLON_API_KEY, and its
// database with CARILLON_DATABASE_URL for what has no HTTP route. One thread; every call has a time limit.
#pragma once
#include <rapidjson/document.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "bus/bus.hpp"
#include "bus/postgres/postgres_bus.hpp"
#include "http/client.hpp"
#include "postgres/connection.hpp"

namespace carillon::cli {

inline constexpr int page_entries_max = 200;  // what the lists give at a time

// The environment variable, else the content of the file that NAME_FILE names, or CommandFailed(WRONG_USAGE) naming it
// and where it comes from.
std::string required_environment(const char* name, const char* help);

class Api {
 public:
  Api();
  // The answer's JSON for 2xx; CommandFailed(REFUSED) with the problem's detail otherwise, NOT_REACHABLE without
  // answer.
  rapidjson::Document get(const std::string& path);
  rapidjson::Document post(const std::string& path, const std::string& body, const http::Fields& headers = {});
  rapidjson::Document put(const std::string& path, const std::string& body, const http::Fields& headers = {});
  rapidjson::Document remove(const std::string& path);
  // Like get, but an answer with `status` gives a null document instead of a failure.
  rapidjson::Document get_unless(const std::string& path, int status);
  // Of a list in pages: up to `entries_max` of its entries, in their order. Returns whether there are more.
  bool get_entries(const std::string& path, const http::Fields& query, int entries_max,
                   const std::function<void(const rapidjson::Value&)>& take);

 private:
  rapidjson::Document call(http::Method method, const std::string& path, const std::string& body,
                           const http::Fields& headers, int quiet_status);
  std::string url_;
  std::string key_;
  http::Runtime runtime_;
  http::Client client_;
};

// The database's owner, for commands of an operator.
pg::ConnectionSettings owner_connection();

// The bus over the owner's connection.
class OwnerBus {
 public:
  OwnerBus();
  bus::Bus& operator*() { return *bus_; }
  bus::Bus* operator->() { return bus_.get(); }

 private:
  SystemClock clock_;
  bus::Bell bell_;
  std::unique_ptr<bus::Bus> bus_;
};

// Members of a JSON object for people; "" when absent.
std::string text_of(const rapidjson::Value& object, const char* name);
std::string to_line(const rapidjson::Value& value);  // compact JSON

}  // namespace carillon::cli
