// HTTP messages as plain values; Beast and Asio stay behind libs/http.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace carillon::http {

enum class Method { GET, POST, PUT, PATCH, DELETE_, HEAD, OPTIONS };

class Stream;  // stream.hpp

using Fields = std::vector<std::pair<std::string, std::string>>;
std::string_view field(const Fields& fields, std::string_view name);  // case-insensitive, first one, "" when absent

struct Request {
  Method method = Method::GET;
  std::string target;                         // as sent: path and query
  std::string path;                           // percent-decoded, without query
  std::map<std::string, std::string> query;   // percent-decoded; the last of a repeated name
  std::map<std::string, std::string> params;  // from the route pattern: /api/x/{id}
  Fields headers;
  std::string body;
  std::string peer;                  // address of the other end
  std::string trace_id;              // 32 hex digits, from traceparent or new
  std::string traceparent;           // to hand on
  std::shared_ptr<const void> room;  // of a large body: its place among large_bodies_max, free again with the last copy
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  Fields headers;
  std::shared_ptr<Stream> stream = {};  // set: the answer goes on instead of having a body (stream_answer())
};

// RFC 9457. `code` becomes the member "code" and the last part of "type"; "" leaves both out. `extra` is raw JSON
// members ("\"a\":1") or "".
Response problem(int status, std::string_view code, std::string_view detail, std::string_view extra = {});
Response json(int status, std::string body);

// Text as a JSON string literal with quotes.
std::string json_string(std::string_view text);

}  // namespace carillon::http
