#include "provider-dispatcher/adapters/providers/attachments.hpp"

#include <algorithm>
#include <cctype>

#include "http/url.hpp"
#include "values/lower_case.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t extension_bytes_max = 20;
constexpr std::size_t plain_name_chars_max = 40;
constexpr std::size_t piece_chars_max = 57;  // " filename*10*=" and ";" beside it fit a line of 78

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069: "invoice<U+202E>fdp.exe" shows as "invoiceexe.pdf".
bool turns_direction(std::string_view character) {
  if (character.size() != 3 || character.substr(0, 1) != "\xE2") return false;
  const auto second = static_cast<unsigned char>(character[1]), third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xAA && third <= 0xAE);
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

std::string_view first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && is_continuation(text[end])) ++end;
  return text.substr(0, end);
}

std::string replaced(std::string_view name) {
  const bool utf8 = is_valid_utf8(name);
  std::string out;
  while (!name.empty()) {
    const std::string_view character = utf8 ? first_character(name) : name.substr(0, 1);
    const auto byte = static_cast<unsigned char>(character.front());
    if (byte < 0x20 || byte == 0x7F || turns_direction(character)) {
      out += ' ';
    } else if (byte == '/' || byte == '\\' || (!utf8 && byte >= 0x80)) {
      out += '_';
    } else if (byte == '"') {
      out += '\'';
    } else {
      out += character;
    }
    name.remove_prefix(character.size());
  }
  return out;
}

std::string_view trimmed(std::string_view name) {
  const std::size_t begin = std::min(name.find_first_not_of(" ."), name.size());
  name.remove_prefix(begin);
  return name.substr(0, name.find_last_not_of(" .") + 1);
}

std::string shortened(std::string_view name) {
  if (name.size() <= file_name_bytes_max) return std::string(name);
  const std::size_t dot = name.rfind('.');
  const bool has_extension = dot != std::string_view::npos && name.size() - dot <= extension_bytes_max;
  const std::string_view extension = has_extension ? name.substr(dot) : std::string_view();
  std::size_t end = file_name_bytes_max - extension.size();
  while (end > 0 && is_continuation(name[end])) --end;
  return std::string(name.substr(0, end)) + std::string(extension);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("!#$%&'*+-.^_`{|}~").find(c) != std::string_view::npos;
  });
}

// Mails inside mails, and parts that would be read as a structure of their own instead of as a file.
bool is_composite(std::string_view type) {
  const std::string whole = lower_case(type.substr(0, type.find('/')));
  return whole == "multipart" || whole == "message";
}

bool is_plain(std::string_view name) {
  return name.size() <= plain_name_chars_max &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }) &&
         name.find("=?") == std::string_view::npos;
}

}  // namespace

std::string safe_file_name(std::string_view name) {
  const std::string clean = replaced(name);
  const std::string short_enough = shortened(trimmed(clean));
  const std::string_view out = trimmed(short_enough);
  return std::string(out.empty() ? nameless_file : out);
}

std::string safe_content_type(std::string_view type) {
  const std::string_view essence = type.substr(0, type.find(';'));
  const std::size_t slash = essence.find('/');
  const bool printable = std::all_of(type.begin(), type.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (slash == std::string_view::npos || !printable || type.size() > 2 * content_type_chars_max + 1 ||
      !is_token(essence.substr(0, slash)) || !is_token(essence.substr(slash + 1)) || is_composite(essence))
    return "application/octet-stream";
  return std::string(type);
}

std::string_view bytes_of(const Attachment& attachment) {
  return attachment.content ? std::string_view(*attachment.content) : std::string_view();
}

std::string attachment_disposition(std::string_view safe_name) {
  std::string out = "Content-Disposition: attachment;";
  if (is_plain(safe_name)) return out + "\r\n filename=\"" + std::string(safe_name) + "\"";
  const std::string value = "UTF-8''" + http::percent_encoded(safe_name);
  if (value.size() <= piece_chars_max) return out + "\r\n filename*=" + value;
  int piece = 0;
  for (std::size_t at = 0; at < value.size(); ++piece) {
    std::size_t end = std::min(at + piece_chars_max, value.size());
    // A piece ends between characters' escapes, never inside "%C3".
    if (end < value.size() && value[end - 1] == '%') end -= 1;
    if (end < value.size() && value[end - 2] == '%') end -= 2;
    out +=
        (piece == 0 ? "\r\n filename*" : ";\r\n filename*") + std::to_string(piece) + "*=" + value.substr(at, end - at);
    at = end;
  }
  return out;
}

}  // namespace carillon::dispatcher
