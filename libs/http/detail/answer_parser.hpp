// Reads one answer with Beast's parser straight into an Answer.
#pragma once
#include <boost/beast/http/basic_parser.hpp>

#include "http/client.hpp"

namespace carillon::http::detail {

namespace beast_http = boost::beast::http;

class AnswerParser final : public beast_http::basic_parser<false> {
 public:
  AnswerParser(std::size_t header_bytes_max, std::size_t body_bytes_max, bool head_only);
  Answer answer;

 private:
  using ErrorCode = boost::system::error_code;
  using View = boost::beast::string_view;
  void on_request_impl(beast_http::verb, View, View, int, ErrorCode&) override {}
  void on_response_impl(int code, View, int, ErrorCode&) override { answer.status = code; }
  void on_field_impl(beast_http::field, View name, View value, ErrorCode& error) override;
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode&) override;
  std::size_t on_body_impl(View bytes, ErrorCode& error) override;
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& error) override;
  void on_finish_impl(ErrorCode&) override {}

  const std::size_t header_bytes_max_;
  std::size_t header_bytes_ = 0;
};

}  // namespace carillon::http::detail
