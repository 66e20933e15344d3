#include "provider-dispatcher/adapters/providers/aws/xml_answer.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <vector>

#include "values/recipient.hpp"

namespace carillon::dispatcher::aws {
namespace {

constexpr std::string_view declaration_begin = "<?xml";
constexpr std::string_view declaration_end = "?>";
constexpr std::size_t reference_chars_max = 10;  // "&#x10FFFF;"

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// XML 1.0, 2.2, less the surrogates and U+FFFE, U+FFFF, which valid UTF-8 text or the callers keep out.
bool is_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xD800) || (c > 0xDFFF && c < 0xFFFE) ||
         (c > 0xFFFF && c <= 0x10FFFF);
}

void append_utf8(std::string& out, char32_t c) {
  const auto tail = [&out](char32_t bits) { out += static_cast<char>(0x80 | (bits & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(c);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(c >> 6);
    tail(c);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(c >> 12);
    tail(c >> 6);
    tail(c);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view xml) : rest_(xml) {}

  bool read() {
    if (!declaration()) return false;
    skip_space();
    do {
      if (!markup_and_text()) return false;
    } while (!open_.empty());
    skip_space();
    return rest_.empty();
  }

  std::map<std::string, std::string> texts;

 private:
  struct Element {
    std::string name;
    std::size_t path_size;  // of path_ before this element
    bool has_children = false;
    std::string text;
  };

  bool take(std::string_view what) {
    if (rest_.substr(0, what.size()) != what) return false;
    rest_.remove_prefix(what.size());
    return true;
  }

  bool skip_space() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  std::string_view name() {
    if (rest_.empty() || !is_name_start(rest_.front())) return {};
    std::size_t end = 1;
    while (end < rest_.size() && is_name_char(rest_[end])) ++end;
    const std::string_view out = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return out;
  }

  // name="value", the value with its references.
  bool attribute(std::string& key, std::string& value) {
    key = name();
    skip_space();
    if (key.empty() || !take("=")) return false;
    skip_space();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '"' && quote != '\'') return false;
    rest_.remove_prefix(1);
    const std::size_t end = rest_.find(quote);
    if (end == std::string_view::npos) return false;
    const std::string_view raw = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return raw.find('<') == std::string_view::npos && append_decoded(value, raw);
  }

  // Only <?xml version="1.x" [encoding="UTF-8"] [standalone="yes|no"]?>, or none at all.
  bool declaration() {
    if (!take(declaration_begin)) return true;
    static constexpr std::string_view keys[] = {"version", "encoding", "standalone"};
    std::size_t next = 0;
    while (skip_space() && rest_.substr(0, declaration_end.size()) != declaration_end) {
      std::string key, value;
      if (!attribute(key, value)) return false;
      const auto* found = std::find(keys + next, std::end(keys), key);
      if (found == std::end(keys) || (next == 0 && found != keys)) return false;
      next = static_cast<std::size_t>(found - keys) + 1;
      std::transform(value.begin(), value.end(), value.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      if (key == "version" && value != "1.0") return false;
      if (key == "encoding" && value != "utf-8") return false;
      if (key == "standalone" && value != "yes" && value != "no") return false;
    }
    return next > 0 && take(declaration_end);
  }

  bool markup_and_text() {
    if (!open_.empty()) {
      const std::string_view raw = rest_.substr(0, rest_.find('<'));
      rest_.remove_prefix(raw.size());
      if (!append_text(open_.back(), raw)) return false;
    }
    if (take("</")) return end_tag();
    return take("<") && start_tag();
  }

  bool append_text(Element& element, std::string_view raw) {
    const bool blank = std::all_of(raw.begin(), raw.end(), is_space);
    if (element.has_children) return blank;
    return raw.find("]]>") == std::string_view::npos && append_decoded(element.text, raw);
  }

  bool start_tag() {
    const std::string_view tag = name();
    if (tag.empty() || ++elements_ > xml_elements_max || open_.size() == xml_depth_max) return false;
    std::set<std::string> attributes;
    while (skip_space() && rest_.substr(0, 1) != ">" && rest_.substr(0, 1) != "/") {
      std::string key, value;
      if (!attribute(key, value) || !attributes.insert(key).second) return false;
    }
    const bool is_empty = take("/");
    if (!take(">")) return false;
    if (!open_.empty()) {
      if (!std::all_of(open_.back().text.begin(), open_.back().text.end(), is_space)) return false;
      open_.back().has_children = true;
    }
    open_.push_back({std::string(tag), path_.size(), false, {}});
    if (!path_.empty()) path_ += '/';
    path_ += tag;
    if (is_empty) close();
    return true;
  }

  bool end_tag() {
    const std::string_view tag = name();
    skip_space();
    if (!take(">") || open_.empty() || open_.back().name != tag) return false;
    close();
    return true;
  }

  void close() {
    Element element = std::move(open_.back());
    open_.pop_back();
    if (!element.has_children) texts.emplace(path_, std::move(element.text));
    path_.resize(element.path_size);
  }

  // References become their characters, CR LF and CR become LF (XML 1.0, 2.11).
  static bool append_decoded(std::string& out, std::string_view raw) {
    while (!raw.empty()) {
      const char c = raw.front();
      if (c == '&') {
        const std::size_t end = raw.find(';');
        if (end == std::string_view::npos || end >= reference_chars_max) return false;
        if (!append_reference(out, raw.substr(1, end - 1))) return false;
        raw.remove_prefix(end + 1);
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20 && !is_space(c)) return false;
      raw.remove_prefix(1);
      if (c == '\r' && !raw.empty() && raw.front() == '\n') continue;
      out += c == '\r' ? '\n' : c;
    }
    return true;
  }

  static bool append_reference(std::string& out, std::string_view name) {
    static constexpr std::pair<std::string_view, char> entities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    for (const auto& [entity, c] : entities) {
      if (name != entity) continue;
      out += c;
      return true;
    }
    if (name.substr(0, 1) != "#") return false;
    name.remove_prefix(1);
    const bool hex = name.substr(0, 1) == "x";
    if (hex) name.remove_prefix(1);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value, hex ? 16 : 10);
    if (error != std::errc{} || end != name.data() + name.size() || !is_character(value)) return false;
    append_utf8(out, value);
    return true;
  }

  std::string_view rest_;
  std::vector<Element> open_;
  std::string path_;
  std::size_t elements_ = 0;
};

}  // namespace

std::optional<std::map<std::string, std::string>> read_xml_answer(std::string_view xml) {
  // U+FFFE and U+FFFF are valid UTF-8 and no XML.
  if (!is_valid_utf8(xml) || xml.find("\xEF\xBF\xBE") != std::string_view::npos ||
      xml.find("\xEF\xBF\xBF") != std::string_view::npos)
    return std::nullopt;
  Reader reader(xml);
  if (!reader.read()) return std::nullopt;
  return std::move(reader.texts);
}

}  // namespace carillon::dispatcher::aws
