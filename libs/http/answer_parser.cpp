#include "http/detail/answer_parser.hpp"

namespace carillon::http::detail {

AnswerParser::AnswerParser(std::size_t header_bytes_max, std::size_t body_bytes_max, bool head_only)
    : header_bytes_max_(header_bytes_max) {
  header_limit(static_cast<std::uint32_t>(header_bytes_max));
  body_limit(body_bytes_max);
  eager(true);
  skip(head_only);
}

void AnswerParser::on_field_impl(beast_http::field, View name, View value, ErrorCode& error) {
  header_bytes_ += name.size() + value.size();
  if (header_bytes_ > header_bytes_max_) {
    error = beast_http::error::header_limit;
    return;
  }
  answer.headers.emplace_back(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
}

void AnswerParser::on_body_init_impl(const boost::optional<std::uint64_t>& content_length, ErrorCode&) {
  if (content_length) answer.body.reserve(*content_length);  // at most the call's answer_bytes_max
}

std::size_t AnswerParser::on_body_impl(View bytes, ErrorCode&) {
  answer.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t AnswerParser::on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode&) {
  answer.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

}  // namespace carillon::http::detail
