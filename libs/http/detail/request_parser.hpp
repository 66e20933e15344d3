// Reads one request with Beast's parser straight into a Request.
#pragma once
#include <boost/beast/http/basic_parser.hpp>

#include "http/detail/large_bodies.hpp"
#include "http/server.hpp"

namespace carillon::http::detail {

namespace beast_http = boost::beast::http;
using ErrorCode = boost::system::error_code;

class RequestParser final : public beast_http::basic_parser<true> {
 public:
  // `router` and `large_bodies` live as long as this.
  RequestParser(const ServerSettings& settings, const Router& router, const LargeBodies& large_bodies,
                const std::string& peer);

  // Of a header that is done: its body needs one of the places for large ones. Parsing stops before the body then,
  // until eager(true).
  bool needs_place() const;

  Request request;
  bool method_known = true;  // false: 501
  int hosts = 0;             // RFC 9112, 3.2: exactly one in HTTP/1.1, else 400
  int version = 11;
  bool expects_continue = false;
  bool expects_other = false;  // 417
  bool no_room = false;        // 503: ended with body_limit because of other large bodies
  std::string traceparent;     // as it came

 private:
  bool is_large(const boost::optional<std::uint64_t>& content_length) const;
  void on_request_impl(beast_http::verb method, boost::beast::string_view name, boost::beast::string_view target,
                       int version_number, ErrorCode& error) override;
  void on_response_impl(int, boost::beast::string_view, int, ErrorCode&) override {}
  void on_field_impl(beast_http::field id, boost::beast::string_view name, boost::beast::string_view value,
                     ErrorCode& error) override;
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode& error) override;
  std::size_t on_body_impl(boost::beast::string_view bytes, ErrorCode&) override;
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes, ErrorCode&) override;
  void on_finish_impl(ErrorCode&) override {}

  const Router& router_;
  const LargeBodies& large_bodies_;
  const std::size_t header_bytes_max_;
  const std::size_t body_bytes_max_;
  bool may_be_large_ = false;
  std::size_t header_bytes_ = 0;
};

}  // namespace carillon::http::detail
