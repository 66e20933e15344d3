#include "contract/providers/mail_attachments.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "http/url.hpp"
#include "security/digest.hpp"

namespace carillon::testing {
namespace {

std::string_view head_of(std::string_view part) {
  const std::size_t end = part.find("\r\n\r\n");
  if (end == std::string_view::npos) throw std::runtime_error("a part without an end of its headers");
  return part.substr(0, end);
}

// The value of a header with its folds taken out; "" when absent.
std::string header(std::string_view part, std::string_view name) {
  const std::string head = "\r\n" + std::string(head_of(part)) + "\r\n";
  const std::string mark = "\r\n" + std::string(name) + ": ";
  std::size_t at = head.find(mark);
  if (at == std::string::npos) return {};
  at += mark.size();
  std::string value;
  for (;;) {
    const std::size_t end = head.find("\r\n", at);
    value += head.substr(at, end - at);
    if (end + 2 >= head.size() || head[end + 2] != ' ') return value;
    at = end + 2;
  }
}

std::optional<std::string> parameter(const std::string& value, const std::string& name) {
  const std::size_t at = value.find("; " + name + "=");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + name.size() + 3;
  if (value.at(begin) == '"') return value.substr(begin + 1, value.find('"', begin + 1) - begin - 1);
  return value.substr(begin, value.find(';', begin) - begin);
}

std::string file_name(const std::string& disposition) {
  if (const auto plain = parameter(disposition, "filename")) return *plain;
  std::string encoded = parameter(disposition, "filename*").value_or("");
  for (int piece = 0;; ++piece) {
    const auto next = parameter(disposition, "filename*" + std::to_string(piece) + "*");
    if (!next) break;
    encoded += *next;
  }
  constexpr std::string_view charset = "UTF-8''";
  if (encoded.substr(0, charset.size()) != charset) throw std::runtime_error("no file name");
  const auto decoded = http::percent_decoded(encoded.substr(charset.size()));
  if (!decoded) throw std::runtime_error("a file name that can't be decoded");
  return *decoded;
}

std::string content(std::string_view part) {
  if (header(part, "Content-Transfer-Encoding") != "base64") throw std::runtime_error("an attachment not in base64");
  std::string packed(part.substr(head_of(part).size() + 4));
  std::erase_if(packed, [](char c) { return c == '\r' || c == '\n'; });
  bool ok = false;
  std::string out = security::from_base64(packed, ok);
  if (!ok) throw std::runtime_error("an attachment of broken base64");
  return out;
}

}  // namespace

std::vector<dispatcher::Attachment> attachments_of_mail(std::string_view mail) {
  const auto boundary = parameter(header(mail, "Content-Type"), "boundary");
  if (!boundary) throw std::runtime_error("the mail has no parts");
  const std::string mark = "\r\n--" + *boundary;
  std::vector<dispatcher::Attachment> out;
  std::size_t at = mail.find(mark);
  while (at != std::string_view::npos && mail.substr(at + mark.size(), 2) != "--") {
    const std::size_t begin = at + mark.size() + 2, end = mail.find(mark, begin);
    if (end == std::string_view::npos) throw std::runtime_error("a part without an end");
    const std::string_view part = mail.substr(begin, end - begin);
    const std::string disposition = header(part, "Content-Disposition");
    if (disposition.substr(0, 10) == "attachment") {
      out.push_back(
          {file_name(disposition), header(part, "Content-Type"), std::make_shared<std::string>(content(part))});
    }
    at = end;
  }
  return out;
}

}  // namespace carillon::testing
