// All templates at one moment: an immutable snapshot that any thread may read.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orchestrator/core/render.hpp"
#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

struct TemplateVersion {
  std::map<std::string, std::shared_ptr<const CompiledBody>, std::less<>> bodies;  // by lower-case locale
  std::string default_locale{"en"};                                                // the template's, in lower case
};

struct Template {
  TemplateMeta meta;
  int active_version = 0;
  std::map<int, TemplateVersion> versions;
};

inline constexpr std::string_view last_locale = "en";  // where a version lacks even the template's default

class TemplateCatalog {
 public:
  void add(Template entry);
  const Template* find(std::string_view key_or_alias) const;
  std::vector<const Template*> all() const;  // by key
  std::size_t size() const { return templates_.size(); }
  bool has_unsubscribable() const;  // an active one
  std::int64_t revision = -1;

 private:
  std::unordered_map<std::string, std::shared_ptr<const Template>> templates_;
  std::unordered_map<std::string, std::string> aliases_;
};

// The locale whose words stand for the one that is wanted: "de-AT" → "de" → the template's default → "en"; "" when not
// even that is there. choose_body: its words, nullptr for none.
std::string_view choose_locale(const TemplateVersion& version, std::string_view locale);
const CompiledBody* choose_body(const TemplateVersion& version, std::string_view locale);

}  // namespace carillon::orchestrator
