#include "sandbox/core/mime.hpp"

#include <algorithm>
#include <cctype>

#include "sandbox/core/mime_parameter.hpp"
#include "security/digest.hpp"
#include "values/lower_case.hpp"

namespace carillon::sandbox {
namespace {

constexpr int depth_max = 10;
constexpr std::size_t parts_max = 100;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct Part {
  MailHeaders headers;
  std::string_view body;
  std::string_view header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (lower_case(key) == lower_case(name)) return value;
    }
    return {};
  }
};

Part split(std::string_view data) {
  Part part;
  while (!data.empty()) {
    const std::size_t found = data.find('\n');
    const std::size_t end = std::min(found, data.size());
    std::string_view line = data.substr(0, end);
    data.remove_prefix(std::min(end + 1, data.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) break;
    if ((line.front() == ' ' || line.front() == '\t') && !part.headers.empty()) {
      part.headers.back().second += ' ';
      part.headers.back().second += trimmed(line);
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    part.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  part.body = data;
  return part;
}

std::string decoded_base64(std::string_view text) {
  std::string packed;
  std::copy_if(text.begin(), text.end(), std::back_inserter(packed),
               [](char c) { return std::isspace(static_cast<unsigned char>(c)) == 0; });
  bool ok = false;
  std::string out = security::from_base64(packed, ok);
  return ok ? out : std::string(text);
}

std::string decoded_as(std::string_view encoding, std::string_view body) {
  if (encoding == "base64") return decoded_base64(body);
  if (encoding == "quoted-printable") return decoded_quoted_printable(body);
  return std::string(body);
}

std::string encoding_of(const Part& part) {
  return lower_case(part.header("Content-Transfer-Encoding"));
}

std::string decoded_body(const Part& part) {
  return decoded_as(encoding_of(part), part.body);
}

// The name of the file that a part says it is; "" when it says so without a name.
std::string file_name_of(const Part& part) {
  std::string name = mime_parameter(part.header("Content-Disposition"), "filename");
  if (name.empty()) name = mime_parameter(part.header("Content-Type"), "name");
  return decoded_words(name);
}

bool is_file(const Part& part, const std::string& type) {
  const bool text = type.empty() || type.rfind("text/", 0) == 0;
  return !text || lower_case(part.header("Content-Disposition")).rfind("attachment", 0) == 0 ||
         !file_name_of(part).empty();
}

void add_file(const Part& part, std::string_view type, ParsedMail& out) {
  out.files.push_back(
      {file_name_of(part), std::string(trimmed(type.substr(0, type.find(';')))), encoding_of(part), part.body});
}

void collect(const Part& part, int depth, std::size_t& parts, ParsedMail& out);

void collect_multipart(std::string_view body, const std::string& boundary, int depth, std::size_t& parts,
                       ParsedMail& out) {
  const std::string mark = "--" + boundary;
  std::size_t at = body.find(mark);
  while (at != std::string_view::npos && body.substr(at + mark.size(), 2) != "--") {
    const std::size_t begin = body.find('\n', at);
    if (begin == std::string_view::npos) return;
    const std::size_t next = body.find("\n" + mark, begin);
    std::string_view content = body.substr(begin + 1, next == std::string_view::npos ? next : next - begin - 1);
    if (!content.empty() && content.back() == '\r') content.remove_suffix(1);
    collect(split(content), depth + 1, parts, out);
    if (next == std::string_view::npos) return;
    at = next + 1;
  }
}

void collect(const Part& part, int depth, std::size_t& parts, ParsedMail& out) {
  if (depth > depth_max || ++parts > parts_max) return;
  const std::string_view content_type = part.header("Content-Type");
  const std::string type = lower_case(content_type);
  if (type.rfind("multipart/", 0) == 0)
    return collect_multipart(part.body, mime_parameter(content_type, "boundary"), depth, parts, out);
  if (is_file(part, type)) return add_file(part, type, out);
  if (type.rfind("text/html", 0) == 0) {
    if (out.html.empty()) out.html = decoded_body(part);
  } else if (out.text.empty()) {
    out.text = decoded_body(part);
  }
}

}  // namespace

std::string decoded(const MailFile& file) {
  return decoded_as(file.encoding, file.body);
}

std::string decoded_quoted_printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      out += text[i];
    } else if (text.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else if (text.substr(i + 1, 1) == "\n") {
      i += 1;
    } else if (i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += '=';
    }
  }
  return out;
}

std::string decoded_words(std::string_view header) {
  std::string out;
  std::size_t at = 0;
  bool after_word = false;
  while (at < header.size()) {
    const std::size_t begin = header.find("=?", at);
    const std::size_t charset_end = begin == std::string_view::npos ? begin : header.find('?', begin + 2);
    const std::size_t kind_end =
        charset_end == std::string_view::npos ? charset_end : header.find('?', charset_end + 1);
    const std::size_t end = kind_end == std::string_view::npos ? kind_end : header.find("?=", kind_end + 1);
    if (end == std::string_view::npos) break;
    const std::string_view between = header.substr(at, begin - at);
    if (!after_word || !trimmed(between).empty()) out += between;  // white space between two words is not text
    const std::string kind = lower_case(header.substr(charset_end + 1, kind_end - charset_end - 1));
    std::string word(header.substr(kind_end + 1, end - kind_end - 1));
    if (kind == "b") {
      out += decoded_base64(word);
    } else {
      std::replace(word.begin(), word.end(), '_', ' ');
      out += decoded_quoted_printable(word);
    }
    after_word = true;
    at = end + 2;
  }
  return out + std::string(header.substr(at));
}

std::string_view ParsedMail::header(std::string_view name) const {
  const std::string wanted = lower_case(name);
  for (const auto& [key, value] : headers) {
    if (lower_case(key) == wanted) return value;
  }
  return {};
}

ParsedMail parse_mail(std::string_view data) {
  ParsedMail out;
  const Part whole = split(data);
  for (const auto& [name, value] : whole.headers) out.headers.emplace_back(name, decoded_words(value));
  std::size_t parts = 0;
  collect(whole, 0, parts, out);
  return out;
}

}  // namespace carillon::sandbox
