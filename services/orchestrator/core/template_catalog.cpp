#include "orchestrator/core/template_catalog.hpp"

#include <algorithm>

namespace carillon::orchestrator {

void TemplateCatalog::add(Template entry) {
  if (!entry.meta.alias.empty()) aliases_[entry.meta.alias] = entry.meta.key;
  std::string key = entry.meta.key;
  templates_[std::move(key)] = std::make_shared<const Template>(std::move(entry));
}

const Template* TemplateCatalog::find(std::string_view key_or_alias) const {
  const std::string key(key_or_alias);
  auto found = templates_.find(key);
  if (found == templates_.end()) {
    const auto alias = aliases_.find(key);
    if (alias != aliases_.end()) found = templates_.find(alias->second);
  }
  return found == templates_.end() ? nullptr : found->second.get();
}

std::vector<const Template*> TemplateCatalog::all() const {
  std::vector<const Template*> all;
  for (const auto& [key, entry] : templates_) all.push_back(entry.get());
  std::sort(all.begin(), all.end(), [](const Template* a, const Template* b) { return a->meta.key < b->meta.key; });
  return all;
}

bool TemplateCatalog::has_unsubscribable() const {
  return std::any_of(templates_.begin(), templates_.end(),
                     [](const auto& entry) { return entry.second->meta.active && entry.second->meta.unsubscribable; });
}

std::string_view choose_locale(const TemplateVersion& version, std::string_view locale) {
  std::string wanted(locale);
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char c) {
    if (c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  while (!wanted.empty()) {
    const auto found = version.bodies.find(wanted);
    if (found != version.bodies.end()) return found->first;
    const auto dash = wanted.rfind('-');
    wanted.resize(dash == std::string::npos ? 0 : dash);
  }
  for (const std::string_view fallback : {std::string_view(version.default_locale), last_locale}) {
    const auto found = version.bodies.find(fallback);
    if (found != version.bodies.end()) return found->first;
  }
  return {};
}

const CompiledBody* choose_body(const TemplateVersion& version, std::string_view locale) {
  const auto found = version.bodies.find(choose_locale(version, locale));
  return found == version.bodies.end() ? nullptr : found->second.get();
}

}  // namespace carillon::orchestrator
