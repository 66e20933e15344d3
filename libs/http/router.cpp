#include "http/router.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>

#include "http/method_name.hpp"

namespace carillon::http {
namespace {

std::vector<std::string_view> split(std::string_view path) {  // "/a/b" -> a, b; "/" -> ""
  std::vector<std::string_view> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Reply::Reply(std::function<void(Response)> send) : send_(std::move(send)) {}

Reply::~Reply() {
  if (send_) (*this)(problem(500, "INTERNAL_ERROR", "The request could not be handled."));
}

Reply::Reply(Reply&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}

Reply& Reply::operator=(Reply&& other) noexcept {
  Reply old(std::move(*this));  // answers what is overwritten unanswered
  send_ = std::exchange(other.send_, nullptr);
  return *this;
}

void Reply::operator()(Response response) {
  if (const auto send = std::exchange(send_, nullptr)) send(std::move(response));
}

std::vector<Router::Segment> Router::parse(std::string_view pattern) {
  if (!pattern.starts_with('/')) throw std::logic_error("route pattern must start with '/': " + std::string(pattern));
  std::vector<Segment> segments;
  for (const std::string_view part : split(pattern)) {
    if (!segments.empty() && segments.back().kind == Segment::Kind::REST) {
      throw std::logic_error("route pattern goes on after its rest: " + std::string(pattern));
    }
    if (!part.starts_with('{')) {
      segments.push_back({Segment::Kind::LITERAL, std::string(part)});
      continue;
    }
    std::string_view name = part.substr(1);
    if (!name.ends_with('}')) throw std::logic_error("route pattern with an unclosed '{': " + std::string(pattern));
    name.remove_suffix(1);
    const bool rest = name.ends_with("...");
    if (rest) name.remove_suffix(3);
    if (name.empty()) throw std::logic_error("route pattern with a nameless parameter: " + std::string(pattern));
    segments.push_back({rest ? Segment::Kind::REST : Segment::Kind::PARAMETER, std::string(name)});
  }
  return segments;
}

void Router::insert(Route route) {
  std::vector<Segment> segments = parse(route.pattern);
  const auto is_literal = [](const Segment& s) { return s.kind == Segment::Kind::LITERAL; };
  const std::size_t index = routes_.size();
  const auto refuse_second = [&](std::size_t other) {
    if (routes_[other].method == route.method) {
      throw std::logic_error("two routes for " + std::string(method_name(route.method)) + " " + route.pattern);
    }
  };
  if (std::all_of(segments.begin(), segments.end(), is_literal)) {
    auto& same = literals_[route.pattern];
    for (const std::size_t other : same) refuse_second(other);
    same.push_back(index);
  } else {
    // A parameter's name does not matter for which paths match.
    const auto shape = [](const Entry& entry) {
      std::vector<std::tuple<Segment::Kind, std::string>> out;
      for (const Segment& s : entry.segments) out.emplace_back(s.kind, s.kind == Segment::Kind::LITERAL ? s.text : "");
      return out;
    };
    const Entry entry{std::move(segments), index};
    const auto place = std::lower_bound(entries_.begin(), entries_.end(), entry,
                                        [&](const Entry& a, const Entry& b) { return shape(a) < shape(b); });
    for (auto other = place; other != entries_.end() && shape(*other) == shape(entry); ++other) {
      refuse_second(other->route);
    }
    entries_.insert(place, entry);
  }
  routes_.push_back(std::move(route));
}

void Router::add(Method method, std::string pattern, Handler handler, Guard guard) {
  insert({method, std::move(pattern), std::move(handler), {}, std::move(guard)});
}

void Router::add_async(Method method, std::string pattern, AsyncHandler handler, Guard guard) {
  insert({method, std::move(pattern), {}, std::move(handler), std::move(guard)});
}

void Router::allow_large_body(Method method, std::string pattern, std::size_t body_bytes_max) {
  if (pattern.find('{') != std::string::npos)
    throw std::logic_error("a path with parameters can't take large bodies: " + pattern);
  large_bodies_.push_back({method, std::move(pattern), body_bytes_max});
}

std::optional<std::size_t> Router::large_body_bytes_max(Method method, std::string_view target) const {
  const std::string_view path = target.substr(0, target.find('?'));
  for (const LargeBody& large : large_bodies_) {
    if (large.method == method && large.path == path) return large.bytes_max;
  }
  return std::nullopt;
}

bool Router::matches(const Entry& entry, const std::vector<std::string_view>& parts) {
  const std::vector<Segment>& segments = entry.segments;
  const bool rest = segments.back().kind == Segment::Kind::REST;
  if (rest ? parts.size() < segments.size() : parts.size() != segments.size()) return false;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].kind == Segment::Kind::LITERAL && segments[i].text != parts[i]) return false;
    if (segments[i].kind == Segment::Kind::PARAMETER && parts[i].empty()) return false;
  }
  return true;
}

const Route* Router::find(Request& request, bool& path_known, std::string& allowed_methods) const {
  const Route* get_for_head = nullptr;
  const Entry* get_entry = nullptr;
  std::set<Method> allowed;
  std::vector<std::string_view> parts;
  const auto take = [&](const Entry* entry) {
    for (std::size_t i = 0; entry != nullptr && i < entry->segments.size(); ++i) {
      const Segment& segment = entry->segments[i];
      if (segment.kind == Segment::Kind::PARAMETER) request.params[segment.text] = parts[i];
      // The parts are views into the path, so the rest is what is left of it from the first of them on.
      if (segment.kind == Segment::Kind::REST)
        request.params[segment.text] =
            request.path.substr(static_cast<std::size_t>(parts[i].data() - request.path.data()));
    }
  };
  const auto fits = [&](std::size_t index, const Entry* entry) -> const Route* {
    const Route& route = routes_[index];
    if (route.method == request.method) return &route;
    allowed.insert(route.method);
    if (route.method == Method::GET) allowed.insert(Method::HEAD);
    if (request.method == Method::HEAD && route.method == Method::GET && get_for_head == nullptr) {
      get_for_head = &route;
      get_entry = entry;
    }
    return nullptr;
  };
  path_known = true;
  if (const auto literal = literals_.find(request.path); literal != literals_.end()) {
    for (const std::size_t index : literal->second) {
      if (const Route* route = fits(index, nullptr)) return route;
    }
  }
  parts = split(request.path);
  for (const Entry& entry : entries_) {
    if (!matches(entry, parts)) continue;
    if (const Route* route = fits(entry.route, &entry)) {
      take(&entry);
      return route;
    }
  }
  if (get_for_head != nullptr) {
    take(get_entry);
    return get_for_head;
  }
  path_known = !allowed.empty();
  allowed_methods.clear();
  for (const Method method : allowed) {
    if (!allowed_methods.empty()) allowed_methods += ", ";
    allowed_methods += method_name(method);
  }
  return nullptr;
}

}  // namespace carillon::http
